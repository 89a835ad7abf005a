// States set by hand: what was under way ends, what follows is decided anew.
import { describe, expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { createSimulation, type Simulation } from '../../simulator/simulation.ts';
import { clearInstances } from './clear.ts';
import { type Instance, instanceOf, instancesOf } from '../instance.ts';
import { type MarkState, markInstances, markRun } from './mark.ts';
import type { Run } from '../run/run.ts';
import { cancelRun } from '../run/runs.ts';
import { DagRunState, TaskInstanceState } from '../state.ts';
import { NEW_YEAR_MS, type TaskInit } from '../../testing/picture-world.ts';

const { NONE, SUCCESS, FAILED, SKIPPED, QUEUED, RUNNING } = TaskInstanceState;
const WIDE = 2_500;

function simulate(tasks: readonly TaskInit[], more: { readonly failFast?: boolean } = {}) {
  return createSimulation([{ dagId: 'd', tasks: [...tasks], ...more }], { startMs: NEW_YEAR_MS });
}

function only(run: Run, taskId: string, mapIndex = -1): Instance {
  const instance = instanceOf(run, taskId, mapIndex);
  if (instance === undefined) throw new Error(`no ${taskId}[${mapIndex}]`);
  return instance;
}

function mark(simulation: Simulation, instances: readonly Instance[], state: MarkState): void {
  const [first] = instances;
  if (first === undefined) throw new Error('nothing to mark');
  const { run } = first;
  simulation.decide((deciding, moment) =>
    markInstances(deciding, moment, { run, instances, state, actor: 'me' }),
  );
}

/** A task over so many elements that they are not made at once, one below it, and a teardown. */
function wideTasks(): readonly TaskInit[] {
  const valueJson = JSON.stringify(Array.from({ length: WIDE }, (_, index) => index));
  const source = { kind: { case: 'valueJson' as const, value: valueJson } };
  const value = { arguments: [{ name: 'x', source }] };
  return [
    { taskId: 'make', isSetup: true },
    { taskId: 'wide', upstreamTaskIds: ['make'], mapping: { kind: { case: 'product', value } } },
    { taskId: 'after', upstreamTaskIds: ['wide'] },
    { taskId: 'unmake', upstreamTaskIds: ['make', 'wide'], isTeardown: true },
  ];
}

describe('a run with instances that are still to be made', () => {
  test('ends when it is cancelled, and is whole again after it was cleared', () => {
    const simulation = simulate(wideTasks());
    const run = simulation.trigger('d');
    const wide = only(run, 'wide', 0).node;
    expect(wide.missingCount).toBeGreaterThan(0);
    simulation.decide((deciding) => cancelRun(deciding, run, 'me'));
    expect(run).toMatchObject({ state: DagRunState.FAILED, unfinishedCount: 0 });
    simulation.decide((deciding, moment) =>
      clearInstances(deciding, moment, run, [...instancesOf(run)]),
    );
    playOn(simulation);
    expect(run.state).toBe(DagRunState.SUCCESS);
    expect(wide.instances).toHaveLength(WIDE);
  });

  test('ends when it is marked, and is whole again after it was cleared', () => {
    const simulation = simulate(wideTasks().slice(0, 3));
    const run = simulation.trigger('d');
    simulation.decide((deciding) => markRun(deciding, run, DagRunState.SUCCESS, 'me'));
    expect(run).toMatchObject({ state: DagRunState.SUCCESS, unfinishedCount: 0 });
    simulation.decide((deciding, moment) =>
      clearInstances(deciding, moment, run, [...instancesOf(run)]),
    );
    playOn(simulation);
    expect(run.state).toBe(DagRunState.SUCCESS);
    expect(only(run, 'wide', 0).node.instances).toHaveLength(WIDE);
  });

  test('tears down when it fails fast', () => {
    const tasks = [...wideTasks(), { taskId: 'other' }];
    const simulation = simulate(tasks, { failFast: true });
    const run = simulation.trigger('d');
    for (const attempt of simulation.lease(2)) {
      const isOther = attempt.instance.task.taskId === 'other';
      simulation.report(attempt, { end: isOther ? AttemptEnd.FAILED : AttemptEnd.SUCCESS });
    }
    playOn(simulation);
    expect(only(run, 'unmake').state).toBe(SUCCESS);
    expect(run).toMatchObject({ state: DagRunState.FAILED, unfinishedCount: 0 });
  });
});

test('a mark of a running task ends its attempt, and what had failed below runs again', () => {
  const simulation = simulate([
    { taskId: 'a' },
    { taskId: 'b', upstreamTaskIds: ['a'] },
    { taskId: 'c' },
  ]);
  const run = simulation.trigger('d');
  for (const attempt of simulation.lease(2)) {
    if (attempt.instance.task.taskId === 'a')
      simulation.report(attempt, { end: AttemptEnd.FAILED });
  }
  expect(only(run, 'b').state).toBe(TaskInstanceState.UPSTREAM_FAILED);
  expect(only(run, 'c').state).toBe(RUNNING);
  mark(simulation, [only(run, 'c')], FAILED);
  expect(only(run, 'c').attempt).toBeUndefined();
  expect(run.state).toBe(DagRunState.FAILED);
  mark(simulation, [only(run, 'a')], SUCCESS);
  expect(run.state).toBe(DagRunState.RUNNING);
  expect(only(run, 'b').state).toBe(QUEUED);
  expect(simulation.picture.attempts.size).toBe(0);
});

test('a mark of a mapped task that has no instances yet lets what is below go on', () => {
  const source = { kind: { case: 'taskId' as const, value: 'list' } };
  const value = { arguments: [{ name: 'x', source }] };
  const simulation = simulate([
    { taskId: 'list' },
    { taskId: 'each', upstreamTaskIds: ['list'], mapping: { kind: { case: 'product', value } } },
    { taskId: 'after', upstreamTaskIds: ['each'] },
  ]);
  const run = simulation.trigger('d');
  mark(simulation, [only(run, 'each')], SKIPPED);
  expect(only(run, 'after').state).toBe(SKIPPED);
  mark(simulation, [only(run, 'list')], SUCCESS);
  expect(run.state).toBe(DagRunState.SUCCESS);
});

test('a mark of a task that waits ends its wait', () => {
  const trigger = { kind: { case: 'asset' as const, value: { assetName: 'x' } } };
  const simulation = simulate([{ taskId: 'a', trigger }]);
  const run = simulation.trigger('d');
  expect(simulation.picture.waits.size).toBe(1);
  mark(simulation, [only(run, 'a')], SUCCESS);
  expect(simulation.picture.waits.size).toBe(0);
  expect(run.state).toBe(DagRunState.SUCCESS);
});

test('a run that is set to failed tears down what was set up', () => {
  const simulation = simulate([
    { taskId: 'make', isSetup: true },
    { taskId: 'work', upstreamTaskIds: ['make'] },
    { taskId: 'unmake', upstreamTaskIds: ['make', 'work'], isTeardown: true },
  ]);
  const run = simulation.trigger('d');
  for (const attempt of simulation.lease(1))
    simulation.report(attempt, { end: AttemptEnd.SUCCESS });
  simulation.lease(1);
  simulation.decide((deciding) => markRun(deciding, run, DagRunState.FAILED, 'me'));
  expect(only(run, 'work').state).toBe(FAILED);
  expect(only(run, 'unmake').state).not.toBe(NONE);
  playOn(simulation);
  expect(run.state).toBe(DagRunState.FAILED);
});

/** Everything that runs succeeds, until nothing runs any more. */
function playOn(simulation: Simulation): void {
  simulation.advanceTo(simulation.nowMs());
  for (let held = simulation.lease(1_000); held.length > 0; held = simulation.lease(1_000)) {
    for (const attempt of held) simulation.report(attempt, { end: AttemptEnd.SUCCESS });
    simulation.advanceTo(simulation.nowMs());
  }
}
