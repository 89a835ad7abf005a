// Admission: limits, pools and ranks decide who is queued.
import { describe, expect, test } from 'vitest';
import { WeightRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { forgetPool } from './admission.ts';
import { poolOf } from './pool.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { PoolStateSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { create } from '@bufbuild/protobuf';
import { createSimulation, type Simulation } from '../../simulator/simulation.ts';
import { type Instance, instancesOf, nameOf } from '../instance.ts';
import { loadPool } from '../load/load.ts';
import { markInstances } from '../operation/mark.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { TaskInstanceState } from '../state.ts';
import { createRun } from '../run/runs.ts';
import { allIn, aRun, aWorld, instanceIn, type TaskInit } from '../../testing/picture-world.ts';

const task = (taskId: string, more: TaskInit = {}): TaskInit => ({ taskId, ...more });
const { QUEUED, SCHEDULED } = TaskInstanceState;

test('of more tasks than active_tasks_max the rest waits', () => {
  const world = aWorld({ activeTasksMax: 2, tasks: ['a', 'b', 'c'].map((id) => task(id)) });
  const run = world.run();
  expect(allIn(run).map(({ state }) => state)).toEqual([QUEUED, QUEUED, SCHEDULED]);
});

test('a pool serves the higher priority first', () => {
  const weightRule = WeightRule.ABSOLUTE;
  const low = task('low', { priorityWeight: 1, weightRule });
  const high = task('high', { priorityWeight: 9, weightRule });
  const run = aWorld({ tasks: [low, high] }, 1).run();
  expect(instanceIn(run, 'high').state).toBe(QUEUED);
  expect(instanceIn(run, 'low').state).toBe(SCHEDULED);
});

test('a task that needs more slots than its pool has holds nobody else up', () => {
  const run = aWorld({ tasks: [task('big', { poolSlots: 5 }), task('small')] }, 2).run();
  expect(instanceIn(run, 'big').state).toBe(SCHEDULED);
  expect(instanceIn(run, 'small').state).toBe(QUEUED);
});

test('a task that was too big for its pool is tried again when the pool has changed', () => {
  const world = aWorld({ tasks: [task('big', { poolSlots: 20 })] }, 2);
  const run = world.run();
  forgetPool(poolOf(world.picture, 'default_pool'));
  world.decide(() => undefined);
  expect(instanceIn(run, 'big').state).toBe(QUEUED);
});

test('an unknown pool is asked with few claims', () => {
  const tasks = Array.from({ length: 40 }, (_, at) => task(`t${at}`, { pool: 'new' }));
  const world = aWorld({ activeTasksMax: 100, tasks });
  const [instance] = allIn(world.run());
  const all = instance === undefined ? [] : allIn(instance.run);
  const queued = all.filter(({ state }) => state === QUEUED);
  expect(queued.length).toBe(16);
});

test('a pool that there is not is found out by a claim, and used once it is there', () => {
  const world = aWorld({ tasks: [task('t', { pool: 'new' })] });
  const run = world.decide((deciding, moment) =>
    createRun(deciding, moment, world.dag, aRun(moment)),
  );
  const instance = instanceIn(run, 't');
  world.seal()({ instances: [instance.id] });
  world.decide(() => undefined);
  expect(poolOf(world.picture, 'new')).toMatchObject({ isMissing: true, pendingSlots: 0 });
  expect(instance.state).toBe(SCHEDULED);
  const state = create(PoolStateSchema, { pool: 'new', slots: 1 });
  world.decide(() => loadPool(world.picture, state));
  expect(instance.state).toBe(QUEUED);
});

describe('one that needs more slots than are free', () => {
  const small = Array.from({ length: 30 }, (_, at) => task(`s${at}`, { priorityWeight: 1 }));
  const big = task('big', { poolSlots: 3, priorityWeight: 9 });
  const first = task('first', { poolSlots: 2, priorityWeight: 10 });

  /** `first` holds two of four slots; the others want them. */
  const crowded = () => {
    const tasks = [first, big, ...small];
    const spec = { dagId: 'd', tasks, activeTasksMax: 99 };
    const simulation = createSimulation([spec], { startMs: 0, pools: { default_pool: 4 } });
    simulation.trigger('d');
    return simulation;
  };
  const endFirst = (simulation: Simulation, live: Attempt[]) => {
    const attempt = live.shift();
    if (attempt !== undefined) simulation.report(attempt, { end: AttemptEnd.SUCCESS });
    live.push(...simulation.lease(9));
  };

  test('lets others have what is free', () => {
    const names = crowded()
      .lease(9)
      .map(({ instance }) => nameOf(instance));
    expect(names).toEqual(['first', 's0', 's1']);
  });

  test('but not for ever: it has its turn once they got as much as the pool has', () => {
    const simulation = crowded();
    // The first never ends, so that there are never three slots free by chance.
    const [endless, ...live] = simulation.lease(9);
    const run = endless?.instance.run;
    for (let step = 0; step < 12; step++) endFirst(simulation, live);
    const isDone = ({ state }: Instance) => state === TaskInstanceState.SUCCESS;
    expect(run === undefined ? [] : allIn(run).filter(isDone)).toHaveLength(4);
    if (endless !== undefined) simulation.report(endless, { end: AttemptEnd.SUCCESS });
    expect(simulation.lease(9).map(({ instance }) => nameOf(instance))[0]).toBe('big');
  });
});

test('what a lane leaves unused of a limit is for the next', () => {
  const limited = { activeTisPerDagMax: 1 };
  const tasks = [task('t', limited), task('u')];
  const spec = { dagId: 'd', tasks, activeTasksMax: 9 };
  const other = { dagId: 'other', tasks: [task('x', { priorityWeight: 9 })] };
  const simulation = createSimulation([spec, other], { startMs: 0, pools: { default_pool: 2 } });
  const runs = [1, 2, 3].map((hour) => simulation.trigger('d', { runAfterMs: -1_000_000 + hour }));
  const [t1, u1] = simulation.lease(2);
  if (t1 === undefined || u1 === undefined) throw new Error('nothing was leased');
  simulation.trigger('other');
  // Now the pool is full again, and the second run's `t` is next at the limit.
  simulation.report(t1, { end: AttemptEnd.SUCCESS });
  const second = instanceIn(runs[1] ?? t1.instance.run, 't');
  simulation.decide((deciding, moment) => {
    const state = TaskInstanceState.SKIPPED;
    markInstances(deciding, moment, { run: second.run, instances: [second], state, actor: 'ann' });
  });
  for (const attempt of [u1, ...simulation.lease(9)]) {
    simulation.report(attempt, { end: AttemptEnd.SUCCESS });
  }
  expect(instanceIn(runs[2] ?? t1.instance.run, 't').state).toBe(QUEUED);
});

describe('a pool that includes deferred tasks', () => {
  const spec = { dagId: 'd', tasks: [task('a', { pool: 'p' }), task('b', { pool: 'p' })] };
  const defer = { trigger: { kind: { case: 'file' as const, value: { path: '/x' } } } };
  const poolState = (includeDeferred: boolean, used: number) =>
    create(PoolStateSchema, { pool: 'p', slots: 1, used, includeDeferred });

  const deferred = () => {
    const simulation = createSimulation([spec], { startMs: 0, pools: { p: 1 } });
    loadPool(simulation.picture, poolState(true, 0));
    const run = simulation.trigger('d');
    const [attempt] = simulation.lease(1);
    if (attempt !== undefined) simulation.report(attempt, { end: AttemptEnd.DEFERRED, defer });
    return { simulation, run };
  };
  const claimed = ({ commits }: Simulation) =>
    commits.flatMap(({ poolClaims }) => poolClaims).reduce((sum, { slots }) => sum + slots, 0);

  test('keeps their slots until they go on', () => {
    const { simulation, run } = deferred();
    expect(instanceIn(run, 'b').state).toBe(SCHEDULED);
    expect(claimed(simulation)).toBe(1);
    const waiting = instanceIn(run, 'a');
    simulation.decide((deciding, moment) => {
      const state = TaskInstanceState.SUCCESS;
      markInstances(deciding, moment, { run, instances: [waiting], state, actor: 'ann' });
    });
    expect(instanceIn(run, 'b').state).toBe(QUEUED);
    expect(claimed(simulation)).toBe(1);
  });

  test('goes on with the slots they had, when that changed meanwhile and another took over', () => {
    const before = deferred().simulation;
    const { commits: history } = before;
    const simulation = createSimulation([spec], { startMs: 0, history, pools: { p: 1 } });
    loadPool(simulation.picture, poolState(false, 1));
    const [run] = simulation.dag('d').runs.values();
    const waiting = run === undefined ? undefined : instanceIn(run, 'a');
    expect(waiting).toMatchObject({ holdsSlots: true, slotsHeld: 1 });
    simulation.decide((deciding, moment) => {
      if (run === undefined || waiting === undefined) return;
      const state = TaskInstanceState.SUCCESS;
      markInstances(deciding, moment, { run, instances: [waiting], state, actor: 'ann' });
    });
    expect(claimed(before) + claimed(simulation)).toBe(1);
    expect(run === undefined ? [] : [...instancesOf(run)].map(({ state }) => state)).toEqual([
      TaskInstanceState.SUCCESS,
      QUEUED,
    ]);
  });
});
