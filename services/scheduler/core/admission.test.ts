// Admission: limits, pools and ranks decide who is queued.
import { expect, test } from 'vitest';
import { WeightRule } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { forgetPool } from './admission.ts';
import { poolOf } from './pool.ts';
import { TaskInstanceState } from './state.ts';
import { allIn, aWorld, instanceIn, type TaskInit } from './testing.ts';

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
