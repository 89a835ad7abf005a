// Runs that people ask for, from outside: what they may say about them, and what they are called.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DagRunState, RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { TriggerDagRunRequest } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { runOf } from './testing/executor.ts';
import { aDag, aTask } from './testing/specs.ts';
import { createWorld, type TestScheduler, type World } from './testing/world.ts';

type Wish = Partial<Omit<TriggerDagRunRequest, '$typeName' | '$unknown'>>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let world: World;
let scheduler: TestScheduler;
let requestsCount = 0;

beforeEach(async () => {
  world = createWorld();
  world.metadata.putDag(aDag('plain', [aTask('t1')]));
  world.metadata.putDag(
    aDag('daily', [aTask('t1')], {
      isPausedUponCreation: true,
      timetable: {
        kind: { case: 'cron', value: { expression: '@daily', dataInterval: true } },
      },
    }),
  );
  world.metadata.putDag(aDag('locked', [aTask('t1')], { allowedRunTypes: [RunType.SCHEDULED] }));
  scheduler = await world.start('s1');
});
afterEach(() => world.end());

/** The run that comes of a wish, as it is committed. */
async function ask(dagId: string, wish: Wish = {}) {
  requestsCount += 1;
  const requestId = `wish-${requestsCount}`;
  const answer = await scheduler.client.triggerDagRun({ dagId, actor: 'me', requestId, ...wish });
  const run = runOf(world.metadata, answer.runId);
  if (run === undefined) throw new Error('the run is not committed');
  return run;
}

const refusal = (dagId: string, wish: Wish) => ask(dagId, wish).then(String, reasonOf);

describe('the data of a run', () => {
  const at = (ms: number) => toTimestamp(ms);
  const today = Date.UTC(2026, 0, 1);

  test('is none without a logical date', async () => {
    const run = await ask('daily');
    expect(run.logicalDate).toBeUndefined();
    expect(run.dataIntervalStart).toBeUndefined();
  });

  test('is the latest complete interval of the schedule', async () => {
    const run = await ask('daily', { logicalDate: at(today + 5 * HOUR_MS) });
    expect(fromTimestamp(run.dataIntervalStart)).toBe(today - DAY_MS);
    expect(fromTimestamp(run.dataIntervalEnd)).toBe(today);
  });

  test('is a point without a schedule', async () => {
    const run = await ask('plain', { logicalDate: at(today) });
    expect(fromTimestamp(run.dataIntervalStart)).toBe(today);
    expect(fromTimestamp(run.dataIntervalEnd)).toBe(today);
  });

  test('is what was said', async () => {
    const interval = { dataIntervalStart: at(today), dataIntervalEnd: at(today + HOUR_MS) };
    const run = await ask('daily', { logicalDate: at(today), ...interval });
    expect(fromTimestamp(run.dataIntervalEnd)).toBe(today + HOUR_MS);
  });

  test('has two ends in their order, and a date', async () => {
    const [early, late] = [at(today), at(today + HOUR_MS)];
    const half = { logicalDate: early, dataIntervalStart: early };
    expect(await refusal('daily', half)).toBe('bad_request');
    const dateless = { dataIntervalStart: early, dataIntervalEnd: late };
    expect(await refusal('daily', dateless)).toBe('bad_request');
    const reverse = { logicalDate: early, dataIntervalStart: late, dataIntervalEnd: early };
    expect(await refusal('daily', reverse)).toBe('bad_request');
  });

  test('may be a partition, and people may write a note', async () => {
    const run = await ask('plain', { partitionKey: 'de', note: 'again, after the fix' });
    expect(run).toMatchObject({ partitionKey: 'de', note: 'again, after the fix' });
    expect(run.runId).toMatch(/^de__[0-9a-f]{8}$/);
  });
});

describe('the id of a run', () => {
  test('tells its type and when it may run', async () => {
    const logicalDate = toTimestamp(world.clock.nowMs());
    const { runId } = await ask('plain', { logicalDate });
    expect(runId).toMatch(/^manual__20\d\d-\d\d-\d\dT[\d:.]+\+00:00$/);
    const made = await ask('plain', { runType: RunType.ASSET_MATERIALIZATION });
    expect(made.runType).toBe(RunType.ASSET_MATERIALIZATION);
    expect(made.runId).toMatch(/^asset_materialization__20.*\+00:00_[0-9a-f]{8}$/);
  });

  test('differs between two runs of one millisecond', async () => {
    const dates = [1, 2].map((day) => ({ logicalDate: toTimestamp(day * DAY_MS) }));
    const [first, second] = await Promise.all(dates.map((date) => ask('plain', date)));
    expect(first?.runId).not.toBe(second?.runId);
    const [third, fourth] = await Promise.all([ask('plain'), ask('plain')]);
    expect(third.runId).not.toBe(fourth.runId);
  });

  test('may not be like those of other types', async () => {
    for (const runId of ['scheduled__1', 'backfill__x', 'asset_triggered__2026', 'callback__1']) {
      expect(await refusal('plain', { runId })).toBe('bad_request');
    }
    const runType = RunType.ASSET_MATERIALIZATION;
    expect(await refusal('plain', { runType, runId: 'manual__1' })).toBe('bad_request');
    expect((await ask('plain', { runId: 'manual__1' })).runId).toBe('manual__1');
  });

  test('must match the pattern of the installation', async () => {
    expect(await refusal('plain', { runId: 'me@home' })).toBe('bad_request');
  });
});

describe('a run', () => {
  test('of a type that the DAG does not allow is refused', async () => {
    expect(await refusal('locked', {})).toBe('run_type_not_allowed');
    const runType = RunType.ASSET_MATERIALIZATION;
    expect(await refusal('locked', { runType })).toBe('run_type_not_allowed');
  });

  test('of a type that nobody can ask for is refused', async () => {
    expect(await refusal('plain', { runType: RunType.SCHEDULED })).toBe('bad_request');
  });

  test('that may run later waits for its time, also after a takeover', async () => {
    const waitMs = 120_000;
    const runAfter = toTimestamp(world.clock.nowMs() + waitMs);
    const { runId } = await ask('plain', { runId: 'later', runAfter });
    await world.clock.advance(waitMs / 2);
    expect(runOf(world.metadata, runId)?.state).toBe(DagRunState.QUEUED);
    scheduler.kill();
    await world.start('heir');
    await world.clock.advance(waitMs / 2 - 10_000);
    expect(runOf(world.metadata, runId)?.state).toBe(DagRunState.QUEUED);
    await world.clock.advance(20_000);
    expect(runOf(world.metadata, runId)?.state).toBe(DagRunState.RUNNING);
  });

  test('of a logical date that has one is refused', async () => {
    const logicalDate = toTimestamp(world.clock.nowMs());
    await ask('plain', { logicalDate });
    expect(await refusal('plain', { logicalDate })).toBe('run_exists');
  });
});
