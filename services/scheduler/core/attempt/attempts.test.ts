// Attempts: what each end means for the task instance.
import { expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { DagRunState, TaskInstanceState } from '../state.ts';
import { aWorld, instanceIn } from '../testing.ts';

const { FAILED, QUEUED, UP_FOR_RETRY } = TaskInstanceState;
const retried = { tasks: [{ taskId: 'a', retry: { retries: 1 } }] };

test('a failure with a try left waits for its retry, one without fails the run', () => {
  const world = aWorld(retried);
  const run = world.run();
  world.lease();
  world.end(run, 'a', AttemptEnd.FAILED);
  expect(instanceIn(run, 'a').state).toBe(UP_FOR_RETRY);
  const last = aWorld({ tasks: [{ taskId: 'a' }] });
  const lastRun = last.run();
  last.lease();
  last.end(lastRun, 'a', AttemptEnd.FAILED);
  expect(lastRun.state).toBe(DagRunState.FAILED);
});

test('a task whose worker was lost twice runs again, after the third time it has failed', () => {
  const world = aWorld(retried);
  const run = world.run();
  const states = [1, 2, 3].map(() => {
    world.lease();
    world.end(run, 'a', AttemptEnd.LOST);
    return instanceIn(run, 'a').state;
  });
  expect(states).toEqual([QUEUED, QUEUED, FAILED]);
  expect(instanceIn(run, 'a').stateReason).toMatch(/poison/);
});

test('a rejected attempt costs no try and keeps its slots', () => {
  const world = aWorld(retried);
  const run = world.run();
  world.lease();
  world.end(run, 'a', AttemptEnd.REJECTED);
  expect(instanceIn(run, 'a')).toMatchObject({ state: QUEUED, tryNumber: 0, slotsHeld: 1 });
});

test('after ten rejections in a row a task waits a little', () => {
  const world = aWorld(retried);
  const run = world.run();
  for (let at = 0; at < 11; at += 1) {
    world.lease();
    world.end(run, 'a', AttemptEnd.REJECTED);
  }
  expect(instanceIn(run, 'a')).toMatchObject({ state: UP_FOR_RETRY, tryNumber: 0 });
});
