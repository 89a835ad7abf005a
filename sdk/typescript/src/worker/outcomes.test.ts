// What becomes of a task, however its code ends: seen from the mesh, through a real worker and real
// children.
import { durationFromMs, durationMs } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FailureReason, Outcome } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import { aLease, runToReport } from '../testkit/a-lease.ts';
import { type FakeExecutor, startFakeExecutor } from '../testkit/fake-executor.ts';
import type { FakeSession } from '../testkit/fake-session.ts';
import { connectWorker, stopWorkers } from '../testkit/start-worker.ts';
import { until } from '../testkit/until.ts';

let fake: FakeExecutor;
let session: FakeSession;

beforeAll(async () => {
  fake = await startFakeExecutor();
  ({ session } = await connectWorker(fake, { DAGMESH_WORKER_CHILD_MEMORY_MB: '64' }));
  session.keepAlive();
});

afterAll(async () => {
  await stopWorkers();
  fake.stop();
});

async function failureOf(task: string, lease: Parameters<typeof aLease>[1] = {}) {
  const { outcome, error } = await runToReport(session, aLease(task, lease));
  expect(outcome).toBe(Outcome.FAILED);
  if (error === undefined) throw new Error('a failure comes with an error');
  return error;
}

test('a task that returns nothing succeeds without an XCom', async () => {
  const report = await runToReport(session, aLease('ends.noop'));
  expect(report).toMatchObject({ outcome: Outcome.SUCCESS, xcoms: [] });
});

test('what a task returns becomes its XCom, made from its inputs and params', async () => {
  const lease = aLease('ends.answers', { inputsJson: '{"row":[1,2]}', paramsJson: '{"limit":5}' });
  const { xcoms } = await runToReport(session, lease);
  expect(xcoms.map(({ key, valueJson }) => [key, JSON.parse(valueJson)])).toEqual([
    ['return_value', { inputs: { row: [1, 2] }, params: { limit: 5 } }],
  ]);
});

test('an exported function is found under its own name', async () => {
  const lease = aLease('hello.greet', { handler: 'ends.ts:greet', paramsJson: '{"name":"Ada"}' });
  const { xcoms } = await runToReport(session, lease);
  expect(xcoms[0]?.valueJson).toBe('"Hello, Ada"');
});

test('an exported template is found under its own name', async () => {
  const lease = aLease('hello.double', { handler: 'ends.ts:double', inputsJson: '{"n":21}' });
  const { xcoms } = await runToReport(session, lease);
  expect(xcoms[0]?.valueJson).toBe('42');
});

test('a thrown error is told with its class, message, stack and causes', async () => {
  const error = await failureOf('ends.throws');
  expect(error).toMatchObject({
    errorClass: 'TypeError',
    message: 'no such column',
    reason: FailureReason.EXCEPTION,
    isFinal: false,
  });
  expect(error.stack).toMatch(/TypeError: no such column\n.*ends\.ts:\d+:/);
  expect(error.stack).toContain('Caused by: Error: the table has 3 columns');
});

test('SkipTask skips with its reason', async () => {
  const report = await runToReport(session, aLease('ends.skips'));
  expect(report).toMatchObject({ outcome: Outcome.SKIPPED, reason: 'nothing new today' });
});

test('FailTask forbids another try', async () => {
  const error = await failureOf('ends.fails_for_good');
  expect(error).toMatchObject({ errorClass: 'FailTask', isFinal: true });
});

test('RetryTask says how long to wait before the next try', async () => {
  const { retryDelay } = await failureOf('ends.asks_for_time');
  expect(retryDelay && durationMs(retryDelay)).toBe(90_000);
});

test('process.exit() is a failure that names the code', async () => {
  const error = await failureOf('ends.exits');
  expect(error.reason).toBe(FailureReason.EXITED);
  expect(error.message).toContain('exited with code 3');
});

test('a signal from elsewhere is a failure that names the signal', async () => {
  const error = await failureOf('ends.kills_itself');
  expect(error.reason).toBe(FailureReason.EXITED);
  expect(error.message).toContain('SIGKILL');
});

test('a promise that nobody caught fails the attempt it came from', async () => {
  const error = await failureOf('ends.rejects_unhandled');
  expect(error).toMatchObject({ reason: FailureReason.EXCEPTION, message: 'forgotten promise' });
});

test('a full heap is told apart from other crashes', async () => {
  const error = await failureOf('ends.fills_the_heap');
  expect(error.reason).toBe(FailureReason.OUT_OF_MEMORY);
  expect(error.message).toContain('DAGMESH_WORKER_CHILD_MEMORY_MB');
});

test('a result of 10 MB is refused in words, and the next task runs all the same', async () => {
  const error = await failureOf('ends.returns_10_mb');
  expect(error.reason).toBe(FailureReason.LIMIT);
  expect(error.message).toMatch(/10485762 bytes of JSON; an XCom holds at most 262144/);
  expect(await runToReport(session, aLease('ends.noop'))).toMatchObject({
    outcome: Outcome.SUCCESS,
  });
});

test('a result that JSON cannot say is refused in words', async () => {
  const error = await failureOf('ends.returns_a_circle');
  expect(error.reason).toBe(FailureReason.LIMIT);
  expect(error.message).toContain('circular');
});

test.each([
  ['a file that is not there', 'gone.ts:gone.task', 'names no file'],
  ['a file outside the DAG folder', '../until.ts:until', 'names no file'],
  ['a task that is not there', 'ends.ts:ends.gone', 'names no task'],
  ['no file at all', 'whatever', 'names no file'],
])('a handler with %s fails for good and says what to do', async (_, handler, words) => {
  const error = await failureOf('ends.gone', { handler });
  expect(error).toMatchObject({ errorClass: 'HandlerNotFound', isFinal: true });
  expect(error.message).toContain(words);
});

test('a task that exceeds its execution timeout fails for that reason', async () => {
  const error = await failureOf('ends.sleeps', { executionTimeout: durationFromMs(200) });
  expect(error.reason).toBe(FailureReason.TIMEOUT);
  expect(error.message).toContain('execution_timeout of 0.2 s');
});

test('a task that never yields is killed at its execution timeout', async () => {
  const error = await failureOf('ends.spins', { executionTimeout: durationFromMs(200) });
  expect(error.reason).toBe(FailureReason.TIMEOUT);
});

test('a failure is told in the task log too', async () => {
  const lease = aLease('ends.throws');
  await runToReport(session, lease);
  await until(
    () => fake.logs.messages(lease.attemptId).some((line) => line.includes('no such column')),
    'the error is in the log',
  );
});
