// Which attempt's log is meant.
import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import {
  TaskAttemptSchema,
  TaskAttemptState,
  TaskInstanceSchema,
  TaskInstanceState,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import { paceMs } from './pace.ts';
import { pickAttempt } from './pick-attempt.ts';

const aTask = (state: TaskInstanceState, tryNumber: number) =>
  create(TaskInstanceSchema, { state, tryNumber });
const anAttempt = (
  tryNumber: number,
  epoch: number,
  state: TaskAttemptState = TaskAttemptState.FAILED,
) => create(TaskAttemptSchema, { tryNumber, epoch: BigInt(epoch), state });

test('the latest attempt is the one with the highest epoch, in whatever order they come', () => {
  const attempts = [anAttempt(2, 3), anAttempt(1, 1), anAttempt(1, 2)];
  const task = aTask(TaskInstanceState.FAILED, 2);
  expect(pickAttempt(task, attempts, 0)).toMatchObject({ attempt: { epoch: 3n } });
  expect(pickAttempt(task, attempts, 1)).toMatchObject({ attempt: { epoch: 2n } });
});

test('an attempt that its worker never began is passed over', () => {
  const attempts = [anAttempt(1, 1), anAttempt(2, 2, TaskAttemptState.REJECTED)];
  const task = aTask(TaskInstanceState.QUEUED, 2);
  expect(pickAttempt(task, attempts, 0)).toMatchObject({ attempt: { epoch: 1n } });
  expect(pickAttempt(task, attempts, 2)).toEqual({ kind: 'waiting' });
});

test.each([
  ['none has begun yet', TaskInstanceState.QUEUED, 0, 0, 'waiting'],
  ['it was skipped', TaskInstanceState.SKIPPED, 0, 0, 'never'],
  ['the next try is to come', TaskInstanceState.UP_FOR_RETRY, 1, 2, 'waiting'],
  ['the task has finished before that try', TaskInstanceState.SUCCESS, 1, 2, 'never'],
  ['that try was long ago and left nothing', TaskInstanceState.RUNNING, 3, 1, 'never'],
])('there is no attempt: %s', (_why, state, tryNumber, wanted, kind) => {
  expect(pickAttempt(aTask(state, tryNumber), [], wanted)).toEqual({ kind });
});

test('looks become rarer, never rarer than the longest pace', () => {
  const paces = [0, 1, 2, 100, 10_000].map((looksCount) => paceMs(looksCount, 500));
  expect(paces).toEqual([50, 75, 112.5, 500, 500]);
});
