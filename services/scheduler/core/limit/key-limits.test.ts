// Limit keys: how many go on at once, how many begin in a span of time, and pauses.
import { describe, expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import { createSimulation, type DagInit, type Simulation } from '../../simulator/simulation.ts';
import { pauseKey, tuneKeys } from './key-limits.ts';
import { instancesOf } from '../instance.ts';
import { DagRunState, TaskInstanceState } from '../state.ts';

const START_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const { FAILED, SUCCESS, REJECTED } = AttemptEnd;

type KeyInit = NonNullable<DagInit['keyLimits']>[number];

type Options = {
  readonly startMs?: number;
  readonly history?: Simulation['commits'];
  readonly tasksCount?: number;
};

/** A DAG with tasks that name a key, six unless told otherwise, beside each other. */
function keyed(limit: Omit<KeyInit, 'key' | '$typeName'>, options: Options = {}): Simulation {
  const { startMs = START_MS, history = [], tasksCount = 6 } = options;
  const tasks = Array.from({ length: tasksCount }, (_, at) => {
    return { taskId: `t${at}`, limitKeys: ['api'], retry: { retries: 1 } };
  });
  const keyLimits = [{ key: 'api', ...limit }];
  const dag = { dagId: 'd', tasks, keyLimits, activeTasksMax: 100 } as DagInit;
  return createSimulation([dag], { startMs, history });
}

const perMinute = (rateCount: number) => ({ rateCount, ratePeriod: toDuration(60_000) });

/** Where another scheduler goes on. */
const after = (before: Simulation) => ({ startMs: before.nowMs(), history: before.commits });

const queuedCount = (simulation: Simulation) =>
  simulation
    .runs()
    .flatMap((run) => [...instancesOf(run)])
    .filter(({ state }) => state === TaskInstanceState.QUEUED).length;

describe('a key with a most', () => {
  test('counts instances of all tasks and runs that name it', () => {
    const simulation = keyed({ activeMax: 2 });
    simulation.trigger('d');
    simulation.trigger('d');
    const [first] = simulation.lease(9);
    expect(simulation.lease(9)).toHaveLength(0);
    if (first !== undefined) simulation.report(first, { end: SUCCESS });
    expect(simulation.lease(9)).toHaveLength(1);
  });

  test('takes the number of a newer version at once', () => {
    const simulation = keyed({ activeMax: 1 });
    simulation.trigger('d');
    expect(queuedCount(simulation)).toBe(1);
    const dag = simulation.dag('d');
    simulation.decide(() => {
      dag.version = { ...dag.version, keyLimits: [] };
      tuneKeys(dag);
    });
    expect(queuedCount(simulation)).toBe(6);
  });
});

describe('a key with a rate', () => {
  test('lets so many begin in a period, and the next at the exact instant', () => {
    const simulation = keyed(perMinute(2));
    simulation.trigger('d');
    expect(simulation.lease(1)).toHaveLength(1);
    simulation.advanceTo(START_MS + 20_000);
    expect(simulation.lease(9)).toHaveLength(1);
    simulation.advanceTo(START_MS + 59_999);
    expect(simulation.lease(9)).toHaveLength(0);
    simulation.advanceTo(START_MS + 60_000);
    expect(simulation.lease(9)).toHaveLength(1);
    simulation.advanceTo(START_MS + 79_999);
    expect(simulation.lease(9)).toHaveLength(0);
    simulation.advanceTo(START_MS + 80_000);
    expect(simulation.lease(9)).toHaveLength(1);
  });

  test('counts those that are queued: a worker that comes late gets no flood', () => {
    const simulation = keyed(perMinute(2));
    simulation.trigger('d');
    simulation.advanceTo(START_MS + 600_000);
    expect(simulation.lease(9)).toHaveLength(2);
    expect(simulation.lease(9)).toHaveLength(0);
  });

  test('does not count what no worker began', () => {
    const simulation = keyed(perMinute(1));
    simulation.trigger('d');
    const [rejected] = simulation.lease(1);
    if (rejected !== undefined) simulation.report(rejected, { end: REJECTED });
    expect(simulation.lease(9)).toHaveLength(1);
    expect(simulation.lease(9)).toHaveLength(0);
  });

  test('goes on where it was with what live runs tell, after another scheduler took over', () => {
    const before = keyed(perMinute(2));
    before.trigger('d');
    before.lease(1);
    before.advanceTo(START_MS + 10_000);
    before.lease(1);
    const simulation = keyed(perMinute(2), after(before));
    simulation.advanceTo(START_MS + 59_999);
    expect(simulation.lease(9)).toHaveLength(0);
    simulation.advanceTo(START_MS + 60_000);
    expect(simulation.lease(9)).toHaveLength(1);
    simulation.advanceTo(START_MS + 70_000);
    expect(simulation.lease(9)).toHaveLength(1);
  });

  test('knows after a takeover what began in a run that is over, even by takeovers ever again', () => {
    const perDay = { rateCount: 1, ratePeriod: toDuration(DAY_MS) };
    let simulation = keyed(perDay, { tasksCount: 1 });
    simulation.trigger('d');
    const [only] = simulation.lease(1);
    if (only !== undefined) simulation.report(only, { end: SUCCESS });
    expect(simulation.runs()[0]?.state).toBe(DagRunState.SUCCESS);
    let history = simulation.commits;
    for (let hour = 1; hour <= 20; hour += 4) {
      const startMs = START_MS + hour * 3_600_000;
      simulation = keyed(perDay, { tasksCount: 1, startMs, history });
      if (hour === 1) simulation.trigger('d');
      expect(simulation.lease(9)).toHaveLength(0);
      history = [...history, ...simulation.commits];
    }
    simulation.advanceTo(START_MS + DAY_MS - 1);
    expect(simulation.lease(9)).toHaveLength(0);
    simulation.advanceTo(START_MS + DAY_MS);
    expect(simulation.lease(9)).toHaveLength(1);
  });

  test('knows after a takeover of earlier tries, and that what was given back never began', () => {
    const before = keyed(perMinute(2));
    before.trigger('d');
    const [failed, rejected] = before.lease(2);
    if (failed !== undefined) before.report(failed, { end: FAILED });
    if (rejected !== undefined) before.report(rejected, { end: REJECTED });
    const simulation = keyed(perMinute(2), after(before));
    expect(simulation.lease(9)).toHaveLength(1);
    simulation.advanceTo(START_MS + 59_999);
    expect(simulation.lease(9)).toHaveLength(0);
    simulation.advanceTo(START_MS + 60_000);
    expect(simulation.lease(9)).toHaveLength(2);
  });
});

describe('a key that is paused', () => {
  test('takes back what no worker has yet, and lets it go at the instant', () => {
    const simulation = keyed({ activeMax: 3 });
    simulation.trigger('d');
    simulation.lease(1);
    const dag = simulation.dag('d');
    simulation.decide((deciding) => pauseKey(deciding, dag, 'api', START_MS + 5_000));
    expect(queuedCount(simulation)).toBe(0);
    simulation.advanceTo(START_MS + 4_999);
    expect(simulation.lease(9)).toHaveLength(0);
    simulation.advanceTo(START_MS + 5_000);
    expect(simulation.lease(9)).toHaveLength(2);
  });

  test('stays so for what workers hand back', () => {
    const simulation = keyed({ activeMax: 3 });
    simulation.trigger('d');
    const [attempt] = simulation.lease(1);
    const dag = simulation.dag('d');
    simulation.decide((deciding) => pauseKey(deciding, dag, 'api', START_MS + 5_000));
    if (attempt !== undefined) simulation.report(attempt, { end: REJECTED });
    expect(queuedCount(simulation)).toBe(0);
  });

  test('again until later is not let go at the earlier instant', () => {
    const simulation = keyed({ activeMax: 3 });
    simulation.trigger('d');
    const dag = simulation.dag('d');
    simulation.decide((deciding) => pauseKey(deciding, dag, 'api', START_MS + 5_000));
    simulation.decide((deciding) => pauseKey(deciding, dag, 'api', START_MS + 9_000));
    simulation.advanceTo(START_MS + 8_999);
    expect(simulation.lease(9)).toHaveLength(0);
    simulation.advanceTo(START_MS + 9_000);
    expect(simulation.lease(9)).toHaveLength(3);
  });
});
