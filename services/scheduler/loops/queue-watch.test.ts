// Queues without workers: what waits there stays queued, and an operator is told.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { lease, taskIdsOf, trigger } from '../testing/executor.ts';
import { aDag, aTask } from '../testing/specs.ts';
import { createWorld, type TestScheduler, type World } from '../testing/world.ts';

let world: World;
let scheduler: TestScheduler;

beforeEach(async () => {
  world = createWorld();
  world.metadata.putDag(aDag('d', [aTask('gpu', [], { queue: 'gpu' }), aTask('cpu')]));
  scheduler = await world.start('s1');
});
afterEach(() => world.end());

const stateOfGpu = () =>
  [...world.metadata.tables.instances.values()].find(({ taskId }) => taskId === 'gpu')?.state;

test('a task that nobody serves for ten minutes is told of, and stays queued', async () => {
  await world.clock.advance(100);
  await trigger(scheduler, 'd');
  expect(taskIdsOf(await lease(scheduler, 9))).toEqual(['cpu']);
  await world.clock.advance(590_000);
  expect(world.errors).toEqual([]);
  await world.clock.advance(140_000);
  const message = 'tasks are queued for long and no worker serves them';
  const told = expect.objectContaining({ message, queue: 'gpu', count: 1 });
  expect(world.errors).toContainEqual(told);
  expect(stateOfGpu()).toBe(TaskInstanceState.QUEUED);
});
