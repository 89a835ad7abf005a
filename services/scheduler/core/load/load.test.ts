// Partitions come and go, and what stays is not touched by it.
import { expect, test } from 'vitest';
import { admitAll } from '../limit/admission.ts';
import { setGate } from '../dag.ts';
import { dropPartitions } from './drop.ts';
import { loadPicture } from './load.ts';
import { TaskInstanceState } from '../state.ts';
import { allIn, loadedDag, aWorld, NEW_YEAR_MS } from '../../testing/picture-world.ts';

const moment = { nowMs: NEW_YEAR_MS, monotonicMs: 0, newId: () => 'id' };
const wide = { tasks: ['a', 'b', 'c'].map((taskId) => ({ taskId })) };

test('tasks that wait behind one another stay in line when other partitions are lost', () => {
  const world = aWorld(wide);
  setGate(world.dag, true);
  world.dag.isPaused = false;
  const run = world.run();
  dropPartitions(world.picture, (partition) => partition !== world.dag.partition);
  setGate(world.dag, false);
  admitAll(world.picture, world.open(), NEW_YEAR_MS);
  expect(allIn(run).map(({ state }) => state)).toEqual(
    allIn(run).map(() => TaskInstanceState.QUEUED),
  );
});

test('what a lost DAG would have claimed is forgotten', () => {
  const world = aWorld(wide);
  world.run();
  dropPartitions(world.picture, () => true);
  world.decide(() => undefined);
  world.commit();
  const pool = world.picture.pools.get('default_pool');
  expect(pool).toMatchObject({ pendingSlots: 0, unsettledSlots: 0 });
  expect(world.picture.queues.get('default')?.ready.count).toBe(0);
  expect(world.lease(10)).toEqual([]);
});

test('a DAG that is loaded again replaces the one there was', () => {
  const world = aWorld(wide);
  world.run();
  loadPicture(world.picture, loadedDag(wide), moment);
  expect(world.dag.isOwned).toBe(false);
  expect(world.picture.dags.get('d')?.runs.size).toBe(0);
  expect(world.lease(10)).toEqual([]);
});
