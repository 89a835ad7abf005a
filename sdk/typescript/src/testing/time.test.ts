// The virtual clock: retries, sensors, timers, timeouts and schedules wait on it.
import { expect, test } from 'vitest';
import { cron, dag, DeferTask, RetryTask, sensor, trigger } from '../index.ts';
import { etl } from '../testkit/dags/etl.ts';
import { seconds, tested } from '../testkit/tested.ts';
import { fails, now, returns, sleep, takes } from './index.ts';

const flaky = dag('flaky', (d) => {
  d.task(
    'fetch',
    { retries: 3, retryDelay: '5m', retryExponentialBackoff: true, maxRetryDelay: '15m' },
    () => 'fetched',
  );
});

test('retries wait on the virtual clock, to the instant that was asked for', async () => {
  const wait = () => {
    throw new RetryTask('busy', { delay: '90s' });
  };
  const t = await tested(flaky, { bodies: { fetch: [wait, wait, returns('ok')] } });
  const run = await t.run();
  expect(run.state).toBe('success');
  expect(run.tries['fetch']?.map(({ start }) => start)).toEqual([
    new Date('2026-01-01T00:00:00Z'),
    new Date('2026-01-01T00:01:30Z'),
    new Date('2026-01-01T00:03:00Z'),
  ]);
});

test('retries back off within their bounds, and end', async () => {
  const t = await tested(flaky, { bodies: { fetch: fails('down') } });
  const run = await t.run();
  expect(run.tasks).toEqual({ fetch: 'failed' });
  const tries = run.tries['fetch'] ?? [];
  expect(tries.map(({ number, state }) => [number, state])).toEqual(
    [1, 2, 3, 4].map((number) => [number, 'failed']),
  );
  const waits = tries.slice(1).map(({ start }, index) => seconds(tries[index]?.end, start));
  // From the delay doubled to twice that, but never beyond the most.
  expect(waits[0]).toBeGreaterThanOrEqual(300);
  expect(waits[0]).toBeLessThanOrEqual(900);
  expect(waits[2]).toBe(900);
  // As in Airflow, what is told apart is the task and its run: the same every time.
  const again = await (await tested(flaky, { bodies: { fetch: fails('down') } })).run();
  expect(again.end).toEqual(run.end);
});

test('a rescheduled sensor looks again on the virtual clock', async () => {
  let pokesCount = 0;
  const t = await tested(
    dag('watch', (d) => {
      d.task(
        'file',
        sensor(() => ++pokesCount === 4, { mode: 'reschedule', pokeInterval: '10m' }),
      );
    }),
  );
  const run = await t.run();
  expect(run.tasks).toEqual({ file: 'success' });
  expect(pokesCount).toBe(4);
  expect(seconds(run.start, run.end)).toBe(1_800);
  expect(run.tries['file']?.map(({ number }) => number)).toEqual([1, 1, 1, 1]);
});

test('a poking sensor sleeps on the virtual clock, while others go on', async () => {
  const t = await tested(
    dag('poke', (d) => {
      d.task(
        'wait',
        sensor(async (ctx) => (await ctx.taskStates())['work'] === 'success', {
          pokeInterval: '1m',
        }),
      );
      d.task('work', () => 'done');
    }),
    { bodies: { work: takes('90s', returns('done')) } },
  );
  const run = await t.run();
  expect(run.tasks).toEqual({ wait: 'success', work: 'success' });
  expect(seconds(run.start, run.end)).toBe(120);
});

test('a sensor that finds nothing times out after its seven days', async () => {
  const t = await tested(
    dag('never', (d) => {
      d.task(
        'poking',
        sensor(() => false, { pokeInterval: '6h' }),
      );
      d.task(
        'away',
        sensor(() => false, { mode: 'reschedule', pokeInterval: '6h' }),
      );
    }),
  );
  const run = await t.run();
  expect(run.tasks).toEqual({ poking: 'failed', away: 'failed' });
  expect(seconds(run.start, run.end)).toBe((7 * 24 + 6) * 3_600);
});

test('a sensor that fails softly is skipped by its execution timeout, any other is not', async () => {
  const never = () => false;
  const t = await tested(
    dag('overstay', { defaultArgs: { executionTimeout: '10m', retries: 1 } }, (d) => {
      d.task('soft', sensor(never, { softFail: true }));
      d.task('never', sensor(never, { neverFail: true }));
      d.task('hard', sensor(never));
    }),
  );
  const run = await t.run();
  expect(run.tasks).toEqual({ soft: 'skipped', never: 'skipped', hard: 'failed' });
  expect(run.tries['soft']).toHaveLength(1);
  expect(run.tries['hard']).toHaveLength(2);
});

test('a rescheduled sensor has its execution timeout for each look, its timeout for all', async () => {
  const t = await tested(
    dag('looks', { defaultArgs: { executionTimeout: '5m' } }, (d) => {
      d.task(
        'file',
        sensor(() => false, { mode: 'reschedule', timeout: '1h', softFail: true }),
      );
    }),
  );
  const run = await t.run();
  expect(run.tasks).toEqual({ file: 'skipped' });
  expect(seconds(run.start, run.end)).toBe(3_660);
});

test('a sensor that somebody wraps lives by the virtual clock all the same', async () => {
  let pokesCount = 0;
  const poking = sensor(() => ++pokesCount === 3, { pokeInterval: '1h' });
  const t = await tested(
    dag('wrapped', (d) => {
      d.task('file', (ctx) => poking({ ...ctx }));
    }),
  );
  expect(seconds((await t.run()).start, t.now)).toBe(7_200);
});

test('a timer wakes a deferred task at its instant', async () => {
  const t = await tested(
    dag('later', (d) => {
      d.task('defer', (ctx) => {
        if (ctx.resume !== undefined) return ctx.resume.event;
        throw new DeferTask({ trigger: trigger.after('3h') });
      });
    }),
  );
  const run = await t.run();
  expect(run.xcoms['defer']).toEqual({ return_value: { moment: '2026-01-01T03:00:00.000Z' } });
  expect(t.now).toEqual(new Date('2026-01-01T03:00Z'));
});

test('a task has a clock and ends with its execution timeout', async () => {
  const t = await tested(
    dag('slow', (d) => {
      d.task('slow', { executionTimeout: '10m' }, () => 1);
    }),
    {
      bodies: {
        slow: async (ctx) => {
          await sleep(ctx, '8m');
          const at = now(ctx);
          await sleep(ctx, '8m');
          return at.toISOString();
        },
      },
    },
  );
  const run = await t.run();
  expect(run.tries['slow']?.[0]).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('600 s'),
  });
  expect(t.now).toEqual(new Date('2026-01-01T00:10Z'));
});

test('a year of a daily DAG has 365 runs', async () => {
  const t = await tested(etl);
  const runs = await t.advance({ until: '2026-12-31' });
  expect(runs).toHaveLength(365);
  expect(new Set(runs.map(({ state }) => state))).toEqual(new Set(['success']));
  expect(runs.flatMap(({ tasks }) => Object.values(tasks))).toHaveLength(3 * 365);
  expect(runs[0]?.logicalDate).toEqual(new Date('2026-01-01'));
  expect(runs.at(-1)?.runAfter).toEqual(new Date('2026-12-31'));
  expect(t.now).toEqual(new Date('2026-12-31'));
});

test('catching up over a change of the clocks makes a day of 23 hours', async () => {
  const local = dag(
    'local',
    {
      schedule: cron('0 0 * * *', { timezone: 'Europe/Berlin', dataInterval: true }),
      startDate: '2026-03-28T00:00+01:00',
      catchup: true,
    },
    (d) => d.task('a', () => 'a'),
  );
  const t = await tested(local, { startDate: '2026-03-31T12:00Z' });
  const runs = await t.advance({ until: '2026-03-31T12:00Z' });
  const hours = runs.map(
    ({ dataInterval }) => seconds(dataInterval?.start, dataInterval?.end) / 3_600,
  );
  expect(runs.map(({ runAfter }) => runAfter?.toISOString())).toEqual([
    '2026-03-28T23:00:00.000Z',
    '2026-03-29T22:00:00.000Z',
    '2026-03-30T22:00:00.000Z',
  ]);
  expect(hours).toEqual([24, 23, 24]);
});
