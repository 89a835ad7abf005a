// Schedules: due runs are made in order, as many as there is room for.
import { expect, test } from 'vitest';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { createSimulation, type DagInit } from '../../simulator/simulation.ts';
import { createDueRuns, reschedule } from './schedule.ts';
import { DagRunState } from '../state.ts';
import { keepAgenda } from '../sweep.ts';
import { aWorld, NEW_YEAR_MS } from '../../testing/picture-world.ts';

const HOUR_MS = 3_600_000;

function hourly(more: { readonly isEmpty?: boolean; readonly catchup?: boolean } = {}) {
  return {
    catchup: more.catchup ?? true,
    activeRunsMax: 2,
    startDate: { seconds: BigInt(NEW_YEAR_MS / 1000), nanos: 0 },
    timetable: { kind: { case: 'cron' as const, value: { expression: '0 * * * *' } } },
    tasks: [{ taskId: 'a', isEmpty: more.isEmpty ?? false }],
  };
}

function endless(more: Exclude<DagInit, { readonly $typeName: string }> = {}) {
  const timetable = { kind: { case: 'continuous' as const, value: {} } };
  const spec = { dagId: 'd', timetable, tasks: [{ taskId: 'a' }], ...more };
  return createSimulation([spec], { startMs: NEW_YEAR_MS });
}

test('catch-up makes the oldest runs first, and no more than may be active', () => {
  const world = aWorld(hourly());
  world.nowMs += 10 * HOUR_MS;
  world.decide((deciding, moment) => reschedule(deciding, moment, world.dag));
  const dates = [...world.dag.runs.values()].map(({ logicalDateMs = 0 }) => logicalDateMs);
  expect(dates).toHaveLength(2);
  expect(dates).toEqual([...dates].sort((a, b) => a - b));
  expect(world.dag.scheduledCount).toBe(2);
});

test('ten thousand missed runs that end at once are made without nesting', () => {
  const world = aWorld(hourly({ isEmpty: true }));
  world.nowMs += 10_000 * HOUR_MS;
  world.decide((deciding, moment) => reschedule(deciding, moment, world.dag));
  const isBehind = () => (world.dag.cursor.next?.runAfterMs ?? 0) <= world.nowMs;
  for (let turn = 0; isBehind() && turn < 200; turn += 1) {
    world.decide((deciding, moment) => keepAgenda(deciding, moment, 10));
    world.commit();
  }
  expect(isBehind()).toBe(false);
  expect(world.dag.scheduledCount).toBe(0);
});

test('the next run stands on the agenda once, however many runs end before it', () => {
  const world = aWorld(hourly());
  for (let at = 0; at < 50; at += 1) {
    world.decide((deciding, moment) => reschedule(deciding, moment, world.dag));
    world.decide((deciding, moment) => createDueRuns(deciding, moment, world.dag));
  }
  expect(world.picture.agenda.items.members).toHaveLength(1);
});

test('a continuous schedule runs again when its run has ended, one at a time', () => {
  const simulation = endless({ activeRunsMax: 5 });
  simulation.advanceTo(NEW_YEAR_MS + HOUR_MS);
  expect(simulation.runs()).toHaveLength(1);
  for (let hour = 1; hour <= 3; hour += 1) {
    const [attempt] = simulation.lease(1);
    if (attempt === undefined) throw new Error('no lease');
    simulation.advanceTo(NEW_YEAR_MS + hour * HOUR_MS);
    simulation.report(attempt, { end: AttemptEnd.SUCCESS });
    simulation.advanceTo(simulation.nowMs() + 1_000);
  }
  const runs = simulation.runs();
  expect(runs.map(({ state }) => state)).toEqual([
    ...[DagRunState.SUCCESS, DagRunState.SUCCESS, DagRunState.SUCCESS],
    DagRunState.RUNNING,
  ]);
  // Each covers the time since the one before, and none has the date of another.
  const [, second, third, fourth] = runs;
  expect(third?.intervalStartMs).toBe(second?.intervalEndMs);
  expect(fourth?.intervalStartMs).toBe(third?.intervalEndMs);
  expect(new Set(runs.map(({ logicalDateMs }) => logicalDateMs)).size).toBe(4);
});

test('a continuous schedule whose runs end at once rests a little between them', () => {
  const simulation = endless({ tasks: [{ taskId: 'a', isEmpty: true }] });
  simulation.advanceTo(NEW_YEAR_MS + 1_000);
  const { length } = simulation.runs();
  expect(length).toBeGreaterThan(5);
  expect(length).toBeLessThanOrEqual(11);
});

test('a continuous schedule is over at its end date', () => {
  const endDate = toTimestamp(NEW_YEAR_MS + 350);
  const simulation = endless({ endDate, tasks: [{ taskId: 'a', isEmpty: true }] });
  simulation.advanceTo(NEW_YEAR_MS + HOUR_MS);
  const last = simulation.runs().at(-1);
  expect(last?.runAfterMs).toBeLessThanOrEqual(NEW_YEAR_MS + 350);
  expect(simulation.nextDueMs()).toBeUndefined();
});

test('a run that may not run yet waits for its time, and does not hold up the others', () => {
  const simulation = createSimulation([{ dagId: 'd', tasks: [{ taskId: 'a' }] }], {
    startMs: NEW_YEAR_MS,
  });
  const later = simulation.trigger('d', { runId: 'later', runAfterMs: NEW_YEAR_MS + HOUR_MS });
  const now = simulation.trigger('d', { runId: 'now' });
  expect([later.state, now.state]).toEqual([DagRunState.QUEUED, DagRunState.RUNNING]);
  simulation.advanceTo(NEW_YEAR_MS + HOUR_MS - 1);
  expect(later.state).toBe(DagRunState.QUEUED);
  simulation.advanceTo(NEW_YEAR_MS + HOUR_MS);
  expect(later.state).toBe(DagRunState.RUNNING);
});

test('the runs of partitions go on after the last one, with ids and keys of their own', () => {
  const cron = { expression: '@hourly', keyFormat: '%H' };
  const timetable = { kind: { case: 'cronPartition' as const, value: cron } };
  const spec = { dagId: 'd', timetable, tasks: [{ taskId: 'a', isEmpty: true }] };
  const simulation = createSimulation([spec], { startMs: NEW_YEAR_MS });
  simulation.advanceTo(NEW_YEAR_MS + 2 * HOUR_MS);
  expect(simulation.runs().map(({ partitionKey }) => partitionKey)).toEqual(['00', '01', '02']);
  expect(simulation.runs().every(({ runId }) => /^0\d__\d{8}$/.test(runId))).toBe(true);
  // The ledger keeps no key of the next run: whoever reads its cursor works it out.
  const heir = createSimulation([spec], {
    startMs: simulation.nowMs(),
    history: simulation.commits,
  });
  heir.advanceTo(NEW_YEAR_MS + 3 * HOUR_MS);
  expect(heir.runs().at(-1)?.partitionKey).toBe('03');
});

test('a DAG that does not allow scheduled runs has none', () => {
  const world = aWorld({ ...hourly(), allowedRunTypes: [RunType.MANUAL] });
  world.nowMs += 10 * HOUR_MS;
  world.decide((deciding, moment) => reschedule(deciding, moment, world.dag));
  expect(world.dag.runs.size).toBe(0);
  expect(world.dag.cursor.next).toBeUndefined();
});

test('catchup that is switched off later skips to the latest run, without another schedule', () => {
  const world = aWorld(hourly({ isEmpty: true }));
  world.decide((deciding, moment) => reschedule(deciding, moment, world.dag));
  const { version } = world.dag;
  world.dag.version = { ...version, catchup: false };
  world.nowMs += 5 * HOUR_MS;
  const made: number[] = [];
  world.decide((deciding, moment) => {
    reschedule(deciding, moment, world.dag);
    for (const { runAfterMs } of deciding.changes.runs) made.push(runAfterMs);
  });
  expect(made).toEqual([NEW_YEAR_MS, NEW_YEAR_MS + 5 * HOUR_MS]);
});
