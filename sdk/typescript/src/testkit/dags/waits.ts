// A DAG whose tasks wait, decide, update assets, or are mapped; the tests of the worker run them.
import {
  AwaitInput,
  asset,
  assetAlias,
  branch,
  DeferTask,
  dag,
  RescheduleTask,
  SkipTask,
  sensor,
  shortCircuit,
  type TaskContext,
  trigger,
} from '@dagmesh/sdk';

const rain = asset('rain', { uri: 's3://bucket/rain' });
const found = assetAlias('found');

/** Changes elements under its own name. */
export const twice = (n: number): number => n * 2;

export const waits = dag('waits', {}, (d) => {
  d.task('defers', ({ resume }) => {
    if (resume !== undefined) return resume;
    throw new DeferTask({
      trigger: trigger.after('5m'),
      timeout: '1h',
      method: 'after_job',
      state: { job: 7 },
    });
  });
  d.task('asks', ({ resume }) => {
    if (resume?.response !== undefined) return resume.response;
    throw new AwaitInput({ subject: 'Go on?', options: ['yes', 'no'] }, { method: 'answered' });
  });
  d.task('asks_badly', () => {
    throw new AwaitInput({ subject: '', options: [] });
  });
  d.task('comes_again', () => {
    throw new RescheduleTask(new Date('2026-01-01T00:05:00Z'));
  });
  d.task(
    'looks',
    sensor(({ params }) => params.isThere === true, { mode: 'reschedule', pokeInterval: '1m' }),
  );
  d.task(
    'looks_long',
    sensor(() => false, { mode: 'reschedule', timeout: '1h' }),
  );
  d.task(
    'chooses',
    branch(({ params }) => params.way as string),
  );
  d.task(
    'stops_short',
    shortCircuit(() => []),
  );
  d.task('returns_parts', { multipleOutputs: true }, () => ({ a: 1, b: [2] }));
  d.task('keeps_nothing', { doXcomPush: false }, () => ({ a: 1 }));
  d.task('updates', { outlets: [rain, found] }, ({ outletEvents }) => {
    outletEvents.add(rain, { rows: 3 });
    outletEvents.add('snow', undefined, { alias: found, partitionKey: '2026' });
  });
  d.task('updates_strangely', ({ outletEvents }) => {
    outletEvents.add('snow', {}, { alias: 'lost' });
  });
  d.task('told_of_assets', async (ctx) => ({
    triggering: ctx.triggeringAssetEvents.map(({ assetName, extra, source }) => ({
      assetName,
      extra,
      source: source?.taskId ?? 'outside',
    })),
    partitionKey: ctx.partitionKey,
    listed: (await ctx.assetEvents(rain, { limit: 2, after: new Date(0) })).length,
  }));
  d.task('keeps_state', async ({ state }) => {
    await state.set('seen', [1]);
    await state.of(rain).set('mark', 'x');
    await state.delete('old');
    return [await state.get('seen'), (await state.of('rain').get('none')) ?? 'nothing'];
  });
  d.task('pulls', async ({ xcom, triggerDagRun }) => {
    const runId = await triggerDagRun('other', { runId: 'mine' });
    const sliced = await xcom.pull({
      taskId: 'rows',
      dagId: 'd2',
      runId: 'r2',
      includePriorDates: true,
      mapIndexes: [2, 0],
      slice: { start: -2, step: 1 },
    });
    return [runId, sliced];
  });

  const numbers = d.task('numbers', () => [1, 2, 3]);
  d.partial(
    'counts',
    { mapIndexTemplate: 'n={{ n }}' },
    ({ inputs, expandedTiCount }: TaskContext<{ n: number }>) => [inputs.n, expandedTiCount],
  ).expand({
    n: numbers.output.map((n) => {
      if (n === 2) throw new SkipTask('two is no number');
      return n + 1;
    }),
  });
});
