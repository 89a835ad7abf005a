// Who sees which XCom: nobody that of an attempt whose success was not recorded.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TaskAttemptState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { startPostgres, type TestPostgres } from '../../../tests/kit/postgres.ts';
import {
  aRun,
  aScheduler,
  aTaskInstance,
  anAttempt,
  type TestScheduler,
} from '../testing/builders.ts';
import { startMetadata, type TestMetadata } from '../testing/metadata.ts';

let postgres: TestPostgres;
let metadata: TestMetadata;
let scheduler: TestScheduler;

beforeAll(async () => {
  postgres = await startPostgres();
  metadata = await startMetadata(await postgres.createDatabase());
  scheduler = await aScheduler(metadata);
});
afterAll(async () => {
  await metadata.stop();
  await postgres.stop();
});

const ledger = () => metadata.as('executor', LedgerService);
const push = (attemptId: string, key: string, valueJson: string) =>
  ledger().pushXCom({ attemptId, xcoms: [{ key, valueJson }] });
const refusal = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => reasonOf(error),
  );

/** A task instance of a new run with its running attempt. */
async function aRunningTask() {
  const run = aRun();
  const instance = aTaskInstance({
    dagRunId: run.id,
    state: TaskInstanceState.RUNNING,
    epoch: 1n,
    tryNumber: 1,
  });
  const attempt = anAttempt({ taskInstanceId: instance.id });
  const running = { ...instance, attemptId: attempt.attemptId };
  await scheduler.commit({ newRuns: [run], newTaskInstances: [running], newAttempts: [attempt] });
  const read = async (options: { key?: string; ownAttemptId?: string } = {}) => {
    const { key = '', ownAttemptId = '' } = options;
    const addresses = [{ dagRunId: run.id, taskId: 'extract', mapIndex: -1, key }];
    const { xcoms } = await ledger().readXComs({ addresses, ownAttemptId });
    return Object.fromEntries(xcoms.map((xcom) => [xcom.address?.key, xcom.valueJson]));
  };
  return { run, instance: running, attempt, read };
}

test('others see what an attempt pushed once its success is committed, not before', async () => {
  const { instance, attempt, read } = await aRunningTask();
  await push(attempt.attemptId, 'early', '{"a":"\\u0000"}');
  expect(await read()).toEqual({});
  await scheduler.commit({
    changedTaskInstances: [{ ...instance, state: TaskInstanceState.SUCCESS }],
    endedAttempts: [{ ...attempt, state: TaskAttemptState.SUCCESS }],
    xcoms: [{ attemptId: attempt.attemptId, xcoms: [{ key: 'return_value', valueJson: '42' }] }],
  });
  expect(await read()).toEqual({ early: '{"a":"\\u0000"}', return_value: '42' });
  expect(await read({ key: 'return_value' })).toEqual({ return_value: '42' });
  expect(await read({ key: 'other' })).toEqual({});
});

test('a running attempt sees its own', async () => {
  const { attempt, read } = await aRunningTask();
  await push(attempt.attemptId, 'k', '1');
  await push(attempt.attemptId, 'k', '2');
  expect(await read({ ownAttemptId: attempt.attemptId })).toEqual({ k: '2' });
});

test('what a failed attempt pushed is never seen, not even by itself', async () => {
  const { instance, attempt, read } = await aRunningTask();
  await push(attempt.attemptId, 'k', '1');
  await scheduler.commit({
    changedTaskInstances: [{ ...instance, state: TaskInstanceState.FAILED }],
    endedAttempts: [{ ...attempt, state: TaskAttemptState.FAILED }],
  });
  expect(await read({ ownAttemptId: attempt.attemptId })).toEqual({});
});

test('a new try hides what the last one pushed', async () => {
  const { instance, attempt, read } = await aRunningTask();
  const success = { state: TaskInstanceState.SUCCESS };
  await scheduler.commit({
    changedTaskInstances: [{ ...instance, ...success }],
    endedAttempts: [{ ...attempt, state: TaskAttemptState.SUCCESS }],
    xcoms: [{ attemptId: attempt.attemptId, xcoms: [{ key: 'k', valueJson: '"old"' }] }],
  });
  expect(await read()).toEqual({ k: '"old"' });
  const second = anAttempt({ taskInstanceId: instance.id, tryNumber: 2, epoch: 2n });
  const again = { ...instance, tryNumber: 2, epoch: 2n, attemptId: second.attemptId };
  await scheduler.commit({ changedTaskInstances: [again], newAttempts: [second] });
  expect(await read()).toEqual({});
  await scheduler.commit({
    changedTaskInstances: [{ ...again, ...success }],
    endedAttempts: [{ ...second, state: TaskAttemptState.SUCCESS }],
    xcoms: [{ attemptId: second.attemptId, xcoms: [{ key: 'other', valueJson: '"new"' }] }],
  });
  expect(await read()).toEqual({ other: '"new"' });
});

test('an attempt that is not live can neither push nor delete', async () => {
  const { attempt } = await aRunningTask();
  await push(attempt.attemptId, 'k', '1');
  await scheduler.commit({ endedAttempts: [{ ...attempt, state: TaskAttemptState.LOST }] });
  const { attemptId } = attempt;
  expect(await refusal(push(attemptId, 'k', '2'))).toBe('stale_attempt');
  expect(await refusal(ledger().deleteXCom({ attemptId, key: 'k' }))).toBe('stale_attempt');
  expect(await refusal(push(crypto.randomUUID(), 'k', '2'))).toBe('stale_attempt');
});

test('a live attempt deletes what it pushed, and deleting nothing is no error', async () => {
  const { attempt, read } = await aRunningTask();
  const { attemptId } = attempt;
  await push(attemptId, 'k', '1');
  await ledger().deleteXCom({ attemptId, key: 'k' });
  await ledger().deleteXCom({ attemptId, key: 'k' });
  expect(await read({ ownAttemptId: attemptId })).toEqual({});
});

test('more than one answer can hold is refused with a number, not cut', async () => {
  const { attempt, read } = await aRunningTask();
  for (let n = 0; n < 13; n += 1) {
    await push(attempt.attemptId, `k${n}`, JSON.stringify('x'.repeat(250_000)));
  }
  expect(await refusal(read({ ownAttemptId: attempt.attemptId }))).toBe('xcom_too_large');
  const one = await read({ ownAttemptId: attempt.attemptId, key: 'k3' });
  expect(one['k3']).toHaveLength(250_002);
});

test('an address asked for twice is answered once', async () => {
  const { run, attempt } = await aRunningTask();
  await push(attempt.attemptId, 'k', '1');
  const place = { dagRunId: run.id, taskId: 'extract', mapIndex: -1 };
  const addresses = [
    { ...place, key: 'k' },
    { ...place, key: '' },
  ];
  const { xcoms } = await ledger().readXComs({ addresses, ownAttemptId: attempt.attemptId });
  expect(xcoms).toHaveLength(1);
});
