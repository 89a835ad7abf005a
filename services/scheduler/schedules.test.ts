// Runs that schedules make, from outside: which are made, and which are not.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { aDag, aTask } from './testing/specs.ts';
import { createWorld, type TestScheduler, timing, type World } from './testing/world.ts';

const HOUR_MS = 3_600_000;

let world: World;
let scheduler: TestScheduler;

beforeEach(async () => {
  world = createWorld();
  scheduler = await world.start('s1');
});
afterEach(() => world.end());

describe('a schedule', () => {
  const hourly = (dagId: string, catchup: boolean) =>
    aDag(dagId, [aTask('t1', [], { isEmpty: true })], {
      catchup,
      startDate: toTimestamp(world.clock.nowMs() - 5 * HOUR_MS),
      timetable: {
        kind: { case: 'cron', value: { expression: '0 * * * *', dataInterval: false } },
      },
    });
  const runIds = (dagId: string) =>
    [...world.metadata.tables.runs.values()]
      .filter((run) => run.dagId === dagId)
      .map(({ runId }) => runId)
      .sort();

  test('with catchup makes every run that is due, and one without only the latest', async () => {
    world.metadata.putDag(hourly('all', true));
    world.metadata.putDag(hourly('latest', false));
    await world.clock.advance(1_000);
    expect(runIds('all')).toHaveLength(5);
    expect(runIds('latest')).toEqual(['scheduled__2026-01-01T00:00:00+00:00']);
  });

  test('without catchup makes the latest run alone after an absence', async () => {
    const eachMinute = { expression: '* * * * *', dataInterval: false };
    const timetable = { kind: { case: 'cron', value: eachMinute } } as const;
    world.metadata.putDag(aDag('latest', [aTask('t1', [], { isEmpty: true })], { timetable }));
    await world.clock.advance(1_000);
    scheduler.kill();
    await world.clock.advance(5 * 60_000);
    await world.start('heir');
    await world.clock.advance(5_000);
    expect(runIds('latest')).toEqual([
      'scheduled__2026-01-01T00:00:00+00:00',
      'scheduled__2026-01-01T00:05:00+00:00',
    ]);
  });

  test('makes no run of a date that a run by hand has, and goes on behind it', async () => {
    const value = { expression: '* * * * *', dataInterval: false };
    const timetable = { kind: { case: 'cron', value } } as const;
    world.metadata.putDag(aDag('taken', [aTask('t1', [], { isEmpty: true })], { timetable }));
    await world.clock.advance(1_000);
    const logicalDate = toTimestamp(Date.UTC(2026, 0, 1, 0, 1));
    const wish = { dagId: 'taken', actor: 'me', requestId: 'r', runId: 'by-hand', logicalDate };
    await scheduler.client.triggerDagRun(wish);
    await world.clock.advance(125_000);
    expect(runIds('taken')).toEqual([
      ...[
        'by-hand',
        'scheduled__2026-01-01T00:00:00+00:00',
        'scheduled__2026-01-01T00:02:00+00:00',
      ],
    ]);
    expect(world.errors).toEqual([]);
  });

  test('of a DAG that was stored while the catalog could not be followed is kept', async () => {
    world.metadata.breakWatches();
    world.metadata.putDag(hourly('silent', false));
    await world.clock.advance(10_000);
    expect(runIds('silent')).toHaveLength(1);
  });

  test('catches up on thousands of empty runs without losing its breath', async () => {
    const startDate = toTimestamp(world.clock.nowMs() - 1_461 * HOUR_MS);
    world.metadata.putDag({ ...hourly('long', true), startDate });
    await world.clock.advance(60_000);
    expect(runIds('long')).toHaveLength(1_461);
    expect(world.errors).toEqual([]);
  });

  test('makes no runs for hours that a clock has jumped over by mistake', async () => {
    world.metadata.putDag(hourly('steady', true));
    await world.clock.advance(1_000);
    const before = runIds('steady').length;
    world.clock.step(48 * HOUR_MS);
    await world.clock.advance(timing.sweepMs / 4);
    world.clock.step(-48 * HOUR_MS);
    await world.clock.advance(60_000);
    expect(runIds('steady')).toHaveLength(before);
  });
});
