// Attempts: what each end means for the task instance.
import { describe, expect, test } from 'vitest';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { RetryAction } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import {
  AttemptEnd,
  AttemptOutcomeSchema,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { AttemptErrorSchema } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type { Attempt } from './attempt.ts';
import { DagRunState, TaskInstanceState } from '../state.ts';
import { keepAgenda, sweepAttempts } from '../sweep.ts';
import { aWorld, instanceIn, type World } from '../../testing/picture-world.ts';
import { recordOutcome } from './outcomes.ts';

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

test('losses with a failure in between are not in a row', () => {
  const world = aWorld({ tasks: [{ taskId: 'a', retry: { retries: 5, delay: { seconds: 1n } } }] });
  const run = world.run();
  const { FAILED: failed, LOST: lost } = AttemptEnd;
  for (const end of [lost, failed, lost, lost]) {
    lease(world);
    world.end(run, 'a', end);
  }
  expect(instanceIn(run, 'a')).toMatchObject({ state: QUEUED, lossesCount: 2 });
  lease(world);
  world.end(run, 'a', lost);
  expect(instanceIn(run, 'a').stateReason).toMatch(/poison/);
});

describe('a rule for a class of errors', () => {
  const rule = { errorClasses: ['ConnectionError'], action: RetryAction.FAIL };
  const tasks = [{ taskId: 'a', retry: { retries: 1, rules: [rule] } }];

  test.each([
    ['the class itself', { errorClass: 'ConnectionError' }, FAILED],
    ['the class in a module', { errorClass: 'requests.ConnectionError' }, FAILED],
    [
      'a class that descends from it',
      { errorClass: 'lib.Refused', errorClassAncestors: ['lib.ConnectionError', 'OSError'] },
      FAILED,
    ],
    ['another class', { errorClass: 'Other', errorClassAncestors: ['OSError'] }, UP_FOR_RETRY],
  ])('says what follows %s', (_, error, state) => {
    const world = aWorld({ tasks });
    const run = world.run();
    failWith(world, lease(world), error);
    expect(instanceIn(run, 'a').state).toBe(state);
  });
});

test('a rule for timeouts counts when the server ends an attempt, too', () => {
  const rules = [{ reasons: ['timeout'], action: RetryAction.FAIL }];
  const executionTimeout = { seconds: 10n };
  const world = aWorld({
    tasks: [{ taskId: 'a', executionTimeout, retry: { retries: 1, rules } }],
  });
  const run = world.run();
  lease(world).leaseUntilMs = Number.POSITIVE_INFINITY;
  world.nowMs += 60_000;
  world.decide(sweepAttempts);
  expect(instanceIn(run, 'a').state).toBe(FAILED);
});

/** Leases, after as long as a retry waits. */
function lease(world: World): Attempt {
  world.nowMs += 5_000;
  world.decide((deciding, moment) => keepAgenda(deciding, moment, 100));
  world.commit();
  const [attempt] = world.lease();
  if (attempt === undefined) throw new Error('nothing to lease');
  return attempt;
}

function failWith(
  world: World,
  { attemptId, epoch }: Attempt,
  error: MessageInitShape<typeof AttemptErrorSchema>,
): void {
  const ended = { attemptId, epoch: BigInt(epoch), end: AttemptEnd.FAILED, error };
  world.decide((deciding) => recordOutcome(deciding, create(AttemptOutcomeSchema, ended)));
  world.commit();
}
