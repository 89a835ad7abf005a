// Four years of Seattle weather, day by day: a daily DAG with catchup in two languages, and a
// monthly report over its table. The file is the real one of the npm package `vega-datasets`: 1,461
// days, 2012-01-01 to 2015-12-31.
import { cron, dag, FailTask, type TaskContext } from '@dagmesh/sdk';
import { inDatabase } from './seattle_weather/database.ts';
import { dayOfFile } from './seattle_weather/file.ts';
import { writeReport } from './seattle_weather/report.ts';
import { type Day, loadDay, summariseMonth } from './seattle_weather/table.ts';

const period = { startDate: '2012-01-01', endDate: '2015-12-31', catchup: true };
const defaultArgs = { retries: 2, retryDelay: '1s' } as const;

export const daily = dag(
  'seattle_weather_daily',
  {
    description: 'Extracts, validates and loads one day of Seattle weather.',
    schedule: cron('@daily', { dataInterval: true }),
    ...period,
    maxActiveRuns: 32,
    isPausedUponCreation: true,
    tags: ['showcase'],
    defaultArgs,
  },
  (d) => {
    const extract = d.task('extract', async (ctx) => dayOfFile(firstDay(ctx)));
    const validate = d.task<Day>('validate', {
      queue: 'python',
      handler: 'seattle_weather.py:validate',
      inputs: { day: extract.output },
    });
    d.task('load', { inputs: { day: validate.output }, connections: ['showcase'] }, async (ctx) => {
      const { day } = ctx.inputs;
      await inDatabase(await ctx.conn('showcase'), (db) => loadDay(db, day));
      ctx.log.info(`${day.date}: ${day.weather}, ${day.temp_mean} °C`);
    });
  },
);

export const monthly = dag(
  'seattle_weather_monthly',
  {
    description: 'Summarises one month of the table and writes the report.',
    schedule: cron('@monthly', { dataInterval: true }),
    ...period,
    maxActiveRuns: 4,
    isPausedUponCreation: true,
    tags: ['showcase'],
    defaultArgs,
  },
  (d) => {
    const summarise = d.task('summarise', { connections: ['showcase'] }, async (ctx) => {
      const month = firstDay(ctx).slice(0, 7);
      return inDatabase(await ctx.conn('showcase'), (db) => summariseMonth(db, month));
    });
    const report = d.task('report', { connections: ['showcase'] }, async (ctx) => {
      const folder = await ctx.variables.get('seattle_weather_report_folder');
      if (folder === undefined)
        throw new FailTask('set the variable seattle_weather_report_folder');
      return inDatabase(await ctx.conn('showcase'), (db) => writeReport(db, folder));
    });
    summarise.downstream(report);
  },
);

/** The first day of the run's data interval, e.g. `2012-01-01`. */
function firstDay(ctx: Pick<TaskContext, 'dataInterval'>): string {
  if (ctx.dataInterval === undefined) {
    throw new FailTask('this DAG runs for a date: trigger it with --logical-date');
  }
  return ctx.dataInterval.start.toISOString().slice(0, 10);
}
