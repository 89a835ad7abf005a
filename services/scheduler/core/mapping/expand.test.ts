// Expansion: as many instances as there is data, also when there is more, less or none of it the
// next time, and when much happens between two pages.
import { describe, expect, test } from 'vitest';
import { TriggerRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { createSimulation, type DagInit, type Simulation } from '../../simulator/simulation.ts';
import { clearInstances } from '../operation/clear.ts';
import { type Instance, instancesOf } from '../instance.ts';
import { relatives } from '../operation/selection.ts';
import type { Attempt } from '../attempt/attempt.ts';
import type { Run } from '../run/run.ts';
import { DagRunState, nameOfState, TaskAttemptState } from '../state.ts';
import { keepAgenda } from '../sweep.ts';
import { NEW_YEAR_MS } from '../../testing/picture-world.ts';

type TaskInit = NonNullable<DagInit['tasks']>[number];
type Source = string | readonly number[];

function over(...sources: readonly Source[]): NonNullable<TaskInit['mapping']> {
  const args = sources.map((source, index) => ({
    name: `x${index}`,
    source: {
      kind:
        typeof source === 'string'
          ? ({ case: 'taskId', value: source } as const)
          : ({ case: 'valueJson', value: JSON.stringify(source) } as const),
    },
  }));
  return { kind: { case: 'product', value: { arguments: args } } };
}

const start = { startMs: NEW_YEAR_MS, pools: { default_pool: 10_000 } };

function simulate(spec: Omit<DagInit, '$typeName'>): Simulation {
  return createSimulation([{ dagId: 'd', activeTasksMax: 10_000, ...spec } as DagInit], start);
}

/** How an attempt ends: how many elements it returned, or another end. */
type Ending = { readonly end?: AttemptEnd; readonly mapLength?: number };

function endOne(simulation: Simulation, attempt: Attempt, ending: Ending | undefined): void {
  const { end = AttemptEnd.SUCCESS, ...rest } = ending ?? {};
  simulation.report(attempt, { end, ...rest });
}

/** So many elements. */
function length(mapLength: number): Ending {
  return { mapLength };
}

const failed: Ending = { end: AttemptEnd.FAILED };
const skipped: Ending = { end: AttemptEnd.SKIPPED };

/** Plays on until nothing runs; `endings` by `task` or `task[3]`, success by default. */
function play(simulation: Simulation, endings: Readonly<Record<string, Ending>> = {}): void {
  for (let held = next(simulation); held.length > 0; held = next(simulation)) {
    for (const attempt of held) {
      const { task, mapIndex } = attempt.instance;
      const ending = endings[`${task.taskId}[${mapIndex}]`] ?? endings[task.taskId];
      endOne(simulation, attempt, ending);
    }
  }
}

function next(simulation: Simulation): readonly Attempt[] {
  simulation.advanceTo(simulation.nowMs());
  return simulation.lease(10_000);
}

function statesOf(run: Run, taskId: string): readonly string[] {
  return of(run, taskId).map(({ state }) => nameOfState(state));
}

function of(run: Run, taskId: string): readonly Instance[] {
  return [...instancesOf(run)].filter(({ task }) => task.taskId === taskId);
}

/** Clears a task and all below it. */
function clear(simulation: Simulation, run: Run, taskId: string): void {
  const chosen = of(run, taskId);
  const all = [...chosen, ...relatives(chosen, 'below')];
  simulation.decide((deciding, moment) => clearInstances(deciding, moment, run, all));
}

const listThenEach: Omit<DagInit, '$typeName'> = {
  tasks: [
    { taskId: 'list' },
    { taskId: 'each', upstreamTaskIds: ['list'], mapping: over('list') },
    { taskId: 'end', upstreamTaskIds: ['each'], triggerRule: TriggerRule.ALL_DONE },
  ],
};

describe('a task over what another returned', () => {
  test('has more instances when that returns more the next time', () => {
    const simulation = simulate(listThenEach);
    const run = simulation.trigger('d');
    play(simulation, { list: length(2) });
    expect(statesOf(run, 'each')).toEqual(['success', 'success']);
    clear(simulation, run, 'list');
    play(simulation, { list: length(4) });
    expect(statesOf(run, 'each')).toEqual(['success', 'success', 'success', 'success']);
    expect(run.state).toBe(DagRunState.SUCCESS);
  });

  test('has some removed when that returns less, and back when it returns more again', () => {
    const simulation = simulate(listThenEach);
    const run = simulation.trigger('d');
    play(simulation, { list: length(4) });
    clear(simulation, run, 'list');
    play(simulation, { list: length(2) });
    expect(statesOf(run, 'each')).toEqual(['success', 'success', 'removed', 'removed']);
    expect(statesOf(run, 'end')).toEqual(['success']);
    expect(run.state).toBe(DagRunState.SUCCESS);
    clear(simulation, run, 'list');
    play(simulation, { list: length(3) });
    expect(statesOf(run, 'each')).toEqual(['success', 'success', 'success', 'removed']);
    expect(run.state).toBe(DagRunState.SUCCESS);
  });

  test('has those removed, too, that workers have, which are told to end them', () => {
    const simulation = simulate(listThenEach);
    const run = simulation.trigger('d');
    for (const attempt of next(simulation)) endOne(simulation, attempt, length(3));
    const held = next(simulation);
    for (const attempt of held.slice(0, 2)) endOne(simulation, attempt, undefined);
    const again = [...of(run, 'list'), ...of(run, 'each').slice(0, 1)];
    simulation.decide((deciding, moment) => clearInstances(deciding, moment, run, again));
    for (const attempt of next(simulation)) endOne(simulation, attempt, length(1));
    expect(statesOf(run, 'each')).toEqual(['queued', 'removed', 'removed']);
    const last = held.at(-1);
    expect(last).toMatchObject({
      state: TaskAttemptState.CANCELLED,
      cancel: { reason: 'there is no such element any more' },
    });
    if (last !== undefined) endOne(simulation, last, undefined);
    expect(statesOf(run, 'each')).toEqual(['queued', 'removed', 'removed']);
  });

  test('has all removed when that returns nothing the next time', () => {
    const simulation = simulate(listThenEach);
    const run = simulation.trigger('d');
    play(simulation, { list: length(2) });
    clear(simulation, run, 'list');
    play(simulation, { list: length(0) });
    expect(statesOf(run, 'each')).toEqual(['removed', 'removed']);
    expect(statesOf(run, 'end')).toEqual(['success']);
    expect(run.state).toBe(DagRunState.SUCCESS);
  });

  test('is skipped as one when there is nothing to map over', () => {
    const literal: Omit<DagInit, '$typeName'> = {
      tasks: [
        { taskId: 'each', mapping: over([]) },
        { taskId: 'end', upstreamTaskIds: ['each'] },
      ],
    };
    for (const spec of [listThenEach, literal]) {
      const simulation = simulate(spec);
      const run = simulation.trigger('d');
      play(simulation, { list: length(0) });
      expect(statesOf(run, 'each')).toEqual(['skipped']);
      expect(of(run, 'each')[0]?.mapIndex).toBe(-1);
      expect(run.state).toBe(DagRunState.SUCCESS);
    }
  });

  test('fails when another returned more than may be mapped over, and so does a product', () => {
    const [list, each] = [{ taskId: 'list' }, { taskId: 'each', mapping: over([1, 2], [1, 2]) }];
    const maps = { taskId: 'maps', upstreamTaskIds: ['list'], mapping: over('list') };
    const spec = { dagId: 'd', tasks: [list, each, maps] };
    const simulation = createSimulation([spec], { ...start, mappingMax: 3 });
    const run = simulation.trigger('d');
    play(simulation, { list: length(4) });
    const states = ['list', 'each', 'maps'].map((taskId) => statesOf(run, taskId));
    expect(states).toEqual([['failed'], ['upstream_failed'], ['upstream_failed']]);
    expect(of(run, 'each')[0]?.stateReason).toBe('4 instances are more than the 3 allowed');
  });

  test('has as many as may be, and not one more', () => {
    const [list, each] = [{ taskId: 'list' }, { taskId: 'each', mapping: over([1, 2], [1, 2]) }];
    const maps = { taskId: 'maps', upstreamTaskIds: ['list'], mapping: over('list') };
    const spec = { dagId: 'd', tasks: [list, each, maps] };
    const simulation = createSimulation([spec], { ...start, mappingMax: 4 });
    const run = simulation.trigger('d');
    play(simulation, { list: length(4) });
    expect(statesOf(run, 'each')).toHaveLength(4);
    expect(statesOf(run, 'maps')).toHaveLength(4);
    expect(run.state).toBe(DagRunState.SUCCESS);
  });

  test('of a mapped task has an instance for each that returned something', () => {
    const simulation = simulate({
      tasks: [
        { taskId: 'first', mapping: over([1, 2, 3, 4]) },
        {
          ...{ taskId: 'second', upstreamTaskIds: ['first'], mapping: over('first') },
          triggerRule: TriggerRule.ALL_DONE,
        },
      ],
    });
    const run = simulation.trigger('d');
    play(simulation, { 'first[0]': length(9), 'first[2]': length(0) });
    expect(statesOf(run, 'second')).toEqual(['success', 'success']);
  });
});

describe('a wide expansion', () => {
  const wide: Omit<DagInit, '$typeName'> = {
    tasks: [
      { taskId: 'list' },
      { taskId: 'each', upstreamTaskIds: ['list'], mapping: over('list') },
      { taskId: 'end', upstreamTaskIds: ['each'], triggerRule: TriggerRule.ALL_DONE },
    ],
  };

  /** Up to the moment at which the first page is there. */
  function begin(simulation: Simulation): Run {
    const run = simulation.trigger('d');
    const [list] = simulation.lease(1);
    if (list === undefined) throw new Error('nothing to lease');
    endOne(simulation, list, length(3_500));
    expect(of(run, 'each')).toHaveLength(1_001);
    return run;
  }

  test('goes on while the first of its instances end, and is waited for as a whole', () => {
    const simulation = simulate(wide);
    const run = begin(simulation);
    for (const attempt of simulation.lease(1_001)) endOne(simulation, attempt, undefined);
    expect(statesOf(run, 'end')).toEqual(['none']);
    expect(run.state).toBe(DagRunState.RUNNING);
    play(simulation);
    expect(of(run, 'each')).toHaveLength(3_500);
    expect(run).toMatchObject({ state: DagRunState.SUCCESS, unfinishedCount: 0 });
  });

  test('of tasks without code goes on though those that are there have ended at once', () => {
    const elements = Array.from({ length: 1_500 }, (_, index) => index);
    const simulation = simulate({
      taskGroups: [{ groupId: 'g', mapping: over(elements) }],
      tasks: [{ taskId: 'each', taskGroupId: 'g', handler: '', isEmpty: true }],
    });
    const run = simulation.trigger('d');
    play(simulation);
    expect(new Set(statesOf(run, 'each'))).toEqual(new Set(['success']));
    expect(of(run, 'each')).toHaveLength(1_500);
    expect(run.state).toBe(DagRunState.SUCCESS);
  });

  test('is committed in pages, however many things are done at once', () => {
    const simulation = simulate(wide);
    const run = begin(simulation);
    for (let turn = 0; turn < 3; turn++) {
      simulation.decide((deciding, moment) => keepAgenda(deciding, moment, 250));
    }
    expect(of(run, 'each')).toHaveLength(3_500);
    const sizes = simulation.commits.map(({ newTaskInstances }) => newTaskInstances.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2_000);
  });

  test('that would make a run too large to be ended at once fails', () => {
    const elements = Array.from({ length: 90_000 }, (_, index) => index);
    const taskIds = ['a', 'b', 'c'];
    const tasks = taskIds.map((taskId) => ({ taskId, mapping: over(elements) }));
    const run = simulate({ tasks }).trigger('d');
    expect(run.nodes.map(({ own }) => own.total)).toEqual([90_000, 90_000, 1]);
    const [refused] = of(run, 'c');
    expect(refused?.stateReason).toContain('the run would have 270000 task instances');
  });

  test('that is cleared between two pages with what it is mapped over is made anew', () => {
    const simulation = simulate(wide);
    const run = begin(simulation);
    clear(simulation, run, 'list');
    simulation.decide((deciding, moment) => keepAgenda(deciding, moment, 1));
    expect(of(run, 'each')).toHaveLength(2_001);
    const list = simulation.lease(10).find(({ instance }) => instance.task.taskId === 'list');
    if (list === undefined) throw new Error('the list is not made anew');
    endOne(simulation, list, length(2));
    play(simulation);
    expect(of(run, 'each')).toHaveLength(2_001);
    expect(statesOf(run, 'each').filter((state) => state === 'success')).toHaveLength(2);
    expect(new Set(statesOf(run, 'each').slice(2))).toEqual(new Set(['removed']));
    expect(run.endMs).toBeDefined();
    expect(run.unfinishedCount).toBe(0);
  });

  test('is gone on with by another scheduler', () => {
    const before = simulate(wide);
    const run = begin(before);
    for (const attempt of before.lease(10)) endOne(before, attempt, undefined);
    const after = createSimulation([{ dagId: 'd', activeTasksMax: 10_000, ...wide } as DagInit], {
      ...start,
      history: before.commits,
    });
    const found = after.dag('d').runs.get(run.runId);
    if (found === undefined) throw new Error('the run is gone');
    expect(found.nodes[1]?.missingCount).toBe(2_499);
    play(after);
    expect(of(found, 'each')).toHaveLength(3_500);
    expect(found).toMatchObject({ state: DagRunState.SUCCESS, unfinishedCount: 0 });
  });
});

describe('a mapped group', () => {
  const nested: Omit<DagInit, '$typeName'> = {
    taskGroups: [{ groupId: 'g', mapping: over([1, 2, 3]) }],
    tasks: [
      { taskId: 'g.a', taskGroupId: 'g' },
      { taskId: 'g.b', taskGroupId: 'g', upstreamTaskIds: ['g.a'], mapping: over([1, 2]) },
      { taskId: 'g.c', taskGroupId: 'g', upstreamTaskIds: ['g.b'] },
    ],
  };

  test('with a mapped task in it has an instance for each combination', () => {
    const simulation = simulate(nested);
    const run = simulation.trigger('d');
    play(simulation, { 'g.a[1]': failed, 'g.b[5]': skipped });
    expect(statesOf(run, 'g.b')).toEqual([
      ...['success', 'success'],
      ...['upstream_failed', 'upstream_failed'],
      ...['success', 'skipped'],
    ]);
    expect(statesOf(run, 'g.c')).toEqual(['success', 'upstream_failed', 'skipped']);
  });

  test('runs one of its instances again without the others', () => {
    const simulation = simulate(nested);
    const run = simulation.trigger('d');
    play(simulation, { 'g.a[1]': failed });
    const [, second] = of(run, 'g.a');
    if (second === undefined) throw new Error('no second instance');
    const all = [second, ...relatives([second], 'below')];
    expect(all.map(({ task, mapIndex }) => `${task.taskId} ${mapIndex}`).toSorted()).toEqual([
      ...['g.a 1', 'g.b 2', 'g.b 3', 'g.c 1'],
    ]);
    simulation.decide((deciding, moment) => clearInstances(deciding, moment, run, all));
    play(simulation);
    expect(new Set(statesOf(run, 'g.c'))).toEqual(new Set(['success']));
    expect(run.state).toBe(DagRunState.SUCCESS);
  });
});
