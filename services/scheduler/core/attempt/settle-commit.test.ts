// What the ledger refuses, whatever was decided meanwhile.
import { expect, test } from 'vitest';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { poolOf } from '../limit/pool.ts';
import { clearInstances } from '../operation/clear.ts';
import { cancelRun, createRun } from '../run/runs.ts';
import { TaskInstanceState } from '../state.ts';
import { allIn, aRun, aWorld, instanceIn, type World } from '../../testing/picture-world.ts';

const one = { tasks: [{ taskId: 'a' }] };
const { QUEUED, SCHEDULED, SKIPPED } = TaskInstanceState;

function create(world: World, runType: RunType = RunType.MANUAL) {
  return world.decide((deciding, moment) =>
    createRun(deciding, moment, world.dag, { ...aRun(moment), runType }),
  );
}

function expectNoDrift(world: World): void {
  world.commit();
  expect(poolOf(world.picture, 'default_pool')).toMatchObject({
    pendingSlots: 0,
    unsettledSlots: 0,
  });
}

test('a refused task is scheduled again', () => {
  const world = aWorld(one);
  const instance = instanceIn(create(world), 'a');
  world.seal()({ instances: [instance.id] });
  expect(instance.state).toBe(SCHEDULED);
  world.decide(() => undefined);
  expect(instance.state).toBe(QUEUED);
  expectNoDrift(world);
});

test('a refused task whose run was cancelled meanwhile stays skipped', () => {
  const world = aWorld(one);
  const run = create(world);
  const settle = world.seal();
  world.decide((deciding) => cancelRun(deciding, run, 'somebody'));
  settle({ instances: [instanceIn(run, 'a').id] });
  expect(instanceIn(run, 'a').state).toBe(SKIPPED);
  expectNoDrift(world);
});

test('a refused task that was cleared meanwhile asks for its slots anew', () => {
  const world = aWorld(one);
  const run = create(world);
  const settle = world.seal();
  world.decide((deciding, moment) => clearInstances(deciding, moment, run, allIn(run)));
  settle({ instances: [instanceIn(run, 'a').id] });
  expect(instanceIn(run, 'a')).toMatchObject({ state: QUEUED, slotsHeld: 0 });
  world.commit();
  expect(instanceIn(run, 'a').slotsHeld).toBe(1);
  expectNoDrift(world);
});

test('a refused scheduled run that ended at once is not counted twice', () => {
  const world = aWorld({ tasks: [{ taskId: 'a', isEmpty: true }] });
  world.dag.scheduledCount = 1;
  const run = create(world, RunType.SCHEDULED);
  expect(world.dag.scheduledCount).toBe(0);
  world.seal()({ runs: [run.id] });
  expect(world.dag.scheduledCount).toBe(0);
});

test('of a refused run nothing goes into the next commit', () => {
  const world = aWorld({ ...one, activeRunsMax: 1 });
  const run = create(world);
  const settle = world.seal();
  world.decide((deciding, moment) => clearInstances(deciding, moment, run, allIn(run)));
  settle({ runs: [run.id] });
  expectNoDrift(world);
  expect(world.lease()).toEqual([]);
  expect(world.dag).toMatchObject({ runningCount: 0 });
});
