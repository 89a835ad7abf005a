// Backfills: so many runs at once, each date once, and an end.
import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  type Backfill,
  BackfillAction,
  BackfillSchema,
  BackfillState,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { createSimulation, type Simulation } from '../../simulator/simulation.ts';
import { advanceBackfills, beginBackfill, changeBackfill, reprocessRun } from './backfills.ts';
import { clearInstances } from './clear.ts';
import { instancesOf } from '../instance.ts';
import type { Run } from '../run/run.ts';
import { DagRunState, isRunFinished } from '../state.ts';
import { NEW_YEAR_MS } from '../../testing/picture-world.ts';

const DAY_MS = 86_400_000;
const spec = {
  ...{ dagId: 'd', activeRunsMax: 1 },
  tasks: [
    { taskId: 'a' },
    { taskId: 'b', upstreamTaskIds: ['a'] },
    { taskId: 'c', upstreamTaskIds: ['b'] },
  ],
};
// The dates of the backfills are over.
const start = { startMs: NEW_YEAR_MS + 30 * DAY_MS };

type Wanted = {
  readonly taskIds?: string[];
  readonly activeRunsMax?: number;
  readonly stopsOnFailure?: boolean;
  readonly action?: BackfillAction;
  readonly confJson?: string;
};

function begin(simulation: Simulation, id: string, days: readonly number[], wanted: Wanted = {}) {
  const { action = BackfillAction.CREATE, ...more } = wanted;
  const backfill = create(BackfillSchema, {
    ...{ backfillId: id, dagId: 'd', state: BackfillState.RUNNING, ...more },
    dates: days.map((day, index) => ({
      ...{ ordinal: index + 1, action },
      logicalDate: toTimestamp(NEW_YEAR_MS + day * DAY_MS),
      runAfter: toTimestamp(NEW_YEAR_MS + day * DAY_MS),
    })),
  });
  simulation.decide((deciding, moment) =>
    beginBackfill(deciding, moment, simulation.dag('d'), backfill),
  );
  return backfill;
}

/** Begins a backfill of a partition for each of these days. */
function beginPartitions(simulation: Simulation, days: readonly number[], confJson = '') {
  const backfill = create(BackfillSchema, {
    ...{ backfillId: 'p', dagId: 'd', state: BackfillState.RUNNING, confJson },
    dates: days.map((day, index) => ({
      ...{ ordinal: index + 1, action: BackfillAction.CREATE, partitionKey: `day ${day}` },
      runAfter: toTimestamp(NEW_YEAR_MS + day * DAY_MS),
    })),
  });
  simulation.decide((deciding, moment) =>
    beginBackfill(deciding, moment, simulation.dag('d'), backfill),
  );
  return backfill;
}

function liveRuns(simulation: Simulation): readonly Run[] {
  return simulation.runs().filter(({ state }) => !isRunFinished(state));
}

/** Plays a run to its end; answers its state. */
function play(simulation: Simulation, run: Run, end: AttemptEnd = AttemptEnd.SUCCESS): DagRunState {
  for (let tries = 0; !isRunFinished(run.state) && tries < 10; tries++) {
    simulation.lease(100);
    for (const attempt of [...simulation.picture.attempts.values()]) {
      if (attempt.instance.run === run) simulation.report(attempt, { end });
    }
  }
  return run.state;
}

function actionsOf({ dates }: Backfill): readonly BackfillAction[] {
  return dates.map(({ action }) => action);
}

test('runs as many dates at once as it may, beside the runs of the DAG, and completes', () => {
  const simulation = createSimulation([spec], start);
  const own = simulation.trigger('d');
  const backfill = begin(simulation, 'b', [1, 2, 3], { activeRunsMax: 2 });
  expect(own.state).toBe(DagRunState.RUNNING);
  expect(liveRuns(simulation).map(({ backfillOrdinal }) => backfillOrdinal)).toEqual([0, 1, 2]);
  for (const ordinal of [1, 2, 3]) {
    const run = liveRuns(simulation).find((each) => each.backfillOrdinal === ordinal);
    if (run === undefined) throw new Error(`no run ${ordinal}`);
    expect(backfill.state).toBe(BackfillState.RUNNING);
    expect(play(simulation, run)).toBe(DagRunState.SUCCESS);
  }
  expect(backfill.state).toBe(BackfillState.COMPLETED);
  expect(simulation.dag('d').backfills.size).toBe(0);
  expect(liveRuns(simulation)).toEqual([own]);
});

test('leaves a date alone for which another backfill has a run that goes on', () => {
  const simulation = createSimulation([spec], start);
  const first = begin(simulation, 'b1', [1, 2], { activeRunsMax: 1 });
  const second = begin(simulation, 'b2', [1], { activeRunsMax: 1 });
  expect(liveRuns(simulation)).toHaveLength(1);
  expect(actionsOf(second)).toEqual([BackfillAction.IN_FLIGHT]);
  expect(second.state).toBe(BackfillState.COMPLETED);
  expect(first.state).toBe(BackfillState.RUNNING);
  const [run] = liveRuns(simulation);
  expect(run === undefined ? undefined : simulation.dag('d').runs.get(run.runId)).toBe(run);
});

test('begins nothing more after a failure, when it is to stop then', () => {
  for (const stopsOnFailure of [true, false]) {
    const simulation = createSimulation([spec], start);
    const backfill = begin(simulation, 'b', [1, 2], { activeRunsMax: 1, stopsOnFailure });
    const [first] = liveRuns(simulation);
    if (first === undefined) throw new Error('no run');
    play(simulation, first, AttemptEnd.FAILED);
    expect(liveRuns(simulation)).toHaveLength(stopsOnFailure ? 0 : 1);
    const states = BackfillState;
    expect(backfill.state).toBe(stopsOnFailure ? states.CANCELLED : states.RUNNING);
  }
});

test('begins nothing while it is paused, and goes on afterwards', () => {
  const simulation = createSimulation([spec], start);
  const backfill = begin(simulation, 'b', [1, 2], { activeRunsMax: 1 });
  const change = (state: BackfillState) =>
    simulation.decide((deciding, moment) => {
      changeBackfill(deciding, simulation.dag('d'), backfill, state);
      advanceBackfills(deciding, moment, simulation.dag('d'));
    });
  change(BackfillState.PAUSED);
  const [first] = liveRuns(simulation);
  if (first === undefined) throw new Error('no run');
  play(simulation, first);
  expect(liveRuns(simulation)).toEqual([]);
  change(BackfillState.RUNNING);
  expect(liveRuns(simulation)).toHaveLength(1);
});

test('is complete when its last run has ended, also while it is paused', () => {
  const simulation = createSimulation([spec], start);
  const backfill = begin(simulation, 'b', [1, 2], { activeRunsMax: 2 });
  simulation.decide((deciding) =>
    changeBackfill(deciding, simulation.dag('d'), backfill, BackfillState.PAUSED),
  );
  const [first, second] = liveRuns(simulation);
  if (first === undefined || second === undefined) throw new Error('two runs should go on');
  play(simulation, first);
  expect(backfill.state).toBe(BackfillState.PAUSED);
  play(simulation, second);
  expect(backfill.state).toBe(BackfillState.COMPLETED);
});

describe('a backfill of some tasks', () => {
  test('runs them alone, also when its runs are cleared, and when another takes over', () => {
    const simulation = createSimulation([spec], start);
    const { version } = simulation.dag('d');
    begin(simulation, 'b', [1], { taskIds: ['b'] });
    const [run] = liveRuns(simulation);
    if (run === undefined) throw new Error('no run');
    const tasksOf = (of: Run) => [...instancesOf(of)].map(({ task }) => task.taskId);
    expect(play(simulation, run)).toBe(DagRunState.SUCCESS);
    expect(tasksOf(run)).toEqual(['b']);
    const clear = (on: Simulation, of: Run) =>
      on.decide((deciding, moment) => clearInstances(deciding, moment, of, [...instancesOf(of)]));
    clear(simulation, run);
    expect(simulation.dag('d').versions.get(version.dagVersionId)).toBe(version);
    const other = createSimulation([spec], { ...start, history: simulation.commits });
    const found = other.runs().find(({ runId }) => runId === run.runId);
    if (found === undefined) throw new Error('the run is gone');
    expect(play(other, found, AttemptEnd.FAILED)).toBe(DagRunState.FAILED);
    clear(other, found);
    expect(tasksOf(found)).toEqual(['b']);
  });
});

test('processes a finished run again at once, whatever the DAG itself has running', () => {
  const simulation = createSimulation([spec], start);
  const done = simulation.trigger('d', { runId: 'done', logicalDateMs: NEW_YEAR_MS + DAY_MS });
  play(simulation, done);
  const own = simulation.trigger('d', { runId: 'own' });
  const action = BackfillAction.REPROCESS;
  const backfill = begin(simulation, 'b', [1], { action });
  const [wanted] = simulation.picture.reprocessWanted.values();
  if (wanted === undefined) throw new Error('nothing is wanted');
  simulation.decide((deciding, moment) => reprocessRun(deciding, moment, done, wanted));
  expect(done).toMatchObject({
    ...{ state: DagRunState.RUNNING, runType: RunType.BACKFILL },
    ...{ originalRunType: RunType.MANUAL, backfillOrdinal: 1 },
  });
  expect(own.state).toBe(DagRunState.RUNNING);
  expect(simulation.dag('d').runningCount).toBe(1);
  play(simulation, done);
  expect(backfill.state).toBe(BackfillState.COMPLETED);
  expect(simulation.dag('d').runningCount).toBe(1);
});

test('leaves a run alone that somebody has cleared since it was planned', () => {
  const simulation = createSimulation([spec], start);
  const run = simulation.trigger('d', { logicalDateMs: NEW_YEAR_MS + DAY_MS });
  play(simulation, run);
  const action = BackfillAction.REPROCESS;
  const backfill = begin(simulation, 'b', [1, 2], { action, activeRunsMax: 1 });
  const [wanted] = simulation.picture.reprocessWanted.values();
  if (wanted === undefined) throw new Error('nothing is wanted');
  simulation.picture.reprocessWanted.clear();
  simulation.decide((deciding, moment) =>
    clearInstances(deciding, moment, run, [...instancesOf(run)]),
  );
  simulation.decide((deciding, moment) => reprocessRun(deciding, moment, run, wanted));
  expect(run.runType).toBe(RunType.MANUAL);
  expect(actionsOf(backfill)).toEqual([BackfillAction.IN_FLIGHT, BackfillAction.REPROCESS]);
  const next = [...simulation.picture.reprocessWanted.values()];
  expect(next.map(({ date }) => date.ordinal)).toEqual([2]);
});

test.each([BackfillState.PAUSED, BackfillState.CANCELLED])(
  'takes over no run that is read after it came to state %s',
  (state) => {
    const simulation = createSimulation([spec], start);
    const run = simulation.trigger('d', { logicalDateMs: NEW_YEAR_MS + DAY_MS });
    play(simulation, run);
    const backfill = begin(simulation, 'b', [1], { action: BackfillAction.REPROCESS });
    const [wanted] = simulation.picture.reprocessWanted.values();
    if (wanted === undefined) throw new Error('nothing is wanted');
    simulation.decide((deciding) => changeBackfill(deciding, simulation.dag('d'), backfill, state));
    simulation.decide((deciding, moment) => reprocessRun(deciding, moment, run, wanted));
    expect(run).toMatchObject({ state: DagRunState.SUCCESS, runType: RunType.MANUAL });
    expect(backfill.state).toBe(state);
  },
);

describe('a backfill of partitions', () => {
  const keysOf = (simulation: Simulation) =>
    liveRuns(simulation).map(({ partitionKey }) => partitionKey);

  test('begins a partition to come when its time has come, and the others at once', () => {
    const simulation = createSimulation([spec], start);
    const backfill = beginPartitions(simulation, [32, 31, 29, 30]);
    expect(keysOf(simulation)).toEqual(['day 29', 'day 30']);
    simulation.advanceTo(NEW_YEAR_MS + 31 * DAY_MS - 1);
    expect(keysOf(simulation)).toEqual(['day 29', 'day 30']);
    simulation.advanceTo(NEW_YEAR_MS + 31 * DAY_MS);
    expect(keysOf(simulation)).toEqual(['day 29', 'day 30', 'day 31']);
    for (const run of liveRuns(simulation)) play(simulation, run);
    expect(backfill.state).toBe(BackfillState.RUNNING);
    simulation.advanceTo(NEW_YEAR_MS + 32 * DAY_MS);
    expect(keysOf(simulation)).toEqual(['day 32']);
    for (const run of liveRuns(simulation)) play(simulation, run);
    expect(backfill.state).toBe(BackfillState.COMPLETED);
  });

  test('begins nothing of what is to come once it is cancelled', () => {
    const simulation = createSimulation([spec], start);
    const backfill = beginPartitions(simulation, [31]);
    simulation.decide((deciding) =>
      changeBackfill(deciding, simulation.dag('d'), backfill, BackfillState.CANCELLED),
    );
    simulation.advanceTo(NEW_YEAR_MS + 32 * DAY_MS);
    expect(liveRuns(simulation)).toEqual([]);
  });

  test('leaves a partition alone for which a run goes on', () => {
    const simulation = createSimulation([spec], start);
    simulation.trigger('d', { partitionKey: 'day 1' });
    const backfill = beginPartitions(simulation, [1, 2]);
    expect(actionsOf(backfill)).toEqual([BackfillAction.IN_FLIGHT, BackfillAction.CREATE]);
    expect(keysOf(simulation)).toEqual(['day 1', 'day 2']);
  });
});

test('a run that is processed again keeps its own conf, and one that is made gets the new one', () => {
  const simulation = createSimulation([spec], start);
  const own = '{"of":"the run"}';
  const done = simulation.trigger('d', { confJson: own, logicalDateMs: NEW_YEAR_MS + DAY_MS });
  play(simulation, done);
  const confJson = '{"of":"the backfill"}';
  begin(simulation, 'b', [1], { action: BackfillAction.REPROCESS, confJson });
  const [wanted] = simulation.picture.reprocessWanted.values();
  if (wanted === undefined) throw new Error('nothing is wanted');
  simulation.decide((deciding, moment) => reprocessRun(deciding, moment, done, wanted));
  expect(done).toMatchObject({ backfillId: 'b', confJson: own });
  begin(simulation, 'b2', [2], { confJson });
  expect(liveRuns(simulation).find(({ backfillId }) => backfillId === 'b2')).toMatchObject({
    confJson,
  });
});
