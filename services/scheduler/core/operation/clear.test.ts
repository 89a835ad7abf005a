// Clearing: counts stay right whatever is cleared when.
import { expect, test } from 'vitest';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { clearInstances } from './clear.ts';
import { setGate } from '../dag.ts';
import type { Run } from '../run/run.ts';
import { DagRunState, TaskInstanceState } from '../state.ts';
import { allIn, aWorld, instanceIn, type World } from '../../testing/picture-world.ts';

const chain = { tasks: [{ taskId: 'a' }, { taskId: 'b', upstreamTaskIds: ['a'] }] };

function clearAll(world: World, run: Run): void {
  world.decide((deciding, moment) => clearInstances(deciding, moment, run, allIn(run)));
  world.commit();
}

function finishChain(world: World, run: Run): void {
  for (const taskId of ['a', 'b']) {
    world.lease();
    world.end(run, taskId, AttemptEnd.SUCCESS);
  }
}

test('a finished scheduled run that is cleared and ends again counts once', () => {
  const world = aWorld(chain);
  world.dag.scheduledCount = 1;
  const run = world.run({ runType: RunType.SCHEDULED });
  finishChain(world, run);
  expect(world.dag.scheduledCount).toBe(0);
  clearAll(world, run);
  expect(world.dag.scheduledCount).toBe(1);
  finishChain(world, run);
  expect(run.state).toBe(DagRunState.SUCCESS);
  expect(world.dag.scheduledCount).toBe(0);
});

test('a finished run of a paused DAG that is cleared waits for the end of the pause', () => {
  const world = aWorld(chain);
  const run = world.run();
  finishChain(world, run);
  setGate(world.dag, true);
  clearAll(world, run);
  expect(run.state).toBe(DagRunState.QUEUED);
  expect(world.lease()).toEqual([]);
});

test('a running task that is cleared twice ends first and then has all its tries again', () => {
  const world = aWorld({ tasks: [{ taskId: 'a', retry: { retries: 2 } }] });
  const run = world.run();
  world.lease();
  const instance = instanceIn(run, 'a');
  clearAll(world, run);
  clearAll(world, run);
  expect(instance.state).toBe(TaskInstanceState.RESTARTING);
  world.end(run, 'a', AttemptEnd.CANCELLED);
  expect(instance).toMatchObject({ state: TaskInstanceState.QUEUED, triesMax: 3 });
});
