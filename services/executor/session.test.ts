// A worker with a session: what each of its words does, and what it is told.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { CancelMode, Outcome } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { AttemptStatus, CancelStep } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { Code, reasonOf } from '#kernel/errors/errors.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import { eventually } from '../../tests/kit/wait.ts';
import { startTestMesh, type TestMesh, timing } from './testing/mesh.ts';
import { connectWorker, helloOf, joinWorker } from './testing/worker.ts';

let mesh: TestMesh;
beforeEach(async () => {
  mesh = await startTestMesh();
});
afterEach(() => mesh.stop());

const until = (condition: () => boolean, what: string) =>
  eventually(condition, { deadlineMs: 60_000, what, pollMs: 2 });

test('Welcome dictates the spans and limits', async () => {
  const { welcome } = await joinWorker(mesh.worker);
  expect(fromDuration(welcome.heartbeatInterval)).toBe(timing.heartbeatMs);
  expect(fromDuration(welcome.leaseTtl)).toBe(timing.leaseTtlMs);
  expect(fromDuration(welcome.killGrace)).toBe(timing.killGraceMs);
  expect(welcome.xcomSizeMax).toBe(262_144);
  expect(welcome.logChunkMax).toBe(1_048_576);
  expect(welcome.logSizeMax).toBe(1_048_576n);
});

test('a session that does not begin with Hello is refused', async () => {
  const worker = connectWorker(mesh.worker, 'worker-1');
  worker.say({ case: 'drain', value: {} });
  await until(() => worker.ended !== undefined, 'the session has ended');
  expect(reasonOf(worker.ended?.error)).toBe('hello_expected');
});

test('only workers may call WorkerService, and workers may not call ExecutorService', async () => {
  const worker = connectWorker(mesh.workerAs('api'), 'worker-1');
  worker.say({ case: 'hello', value: helloOf({ workerId: 'worker-1' }) });
  await until(() => worker.ended !== undefined, 'the session has ended');
  expect(worker.ended?.error).toMatchObject({ code: Code.PermissionDenied });
});

test('a lease that is not started in time goes back without costing a try', async () => {
  const { scheduler } = mesh;
  const worker = await joinWorker(mesh.worker);
  scheduler.enqueue({ startWithinMs: 100 });
  const lease = await worker.lease(1);
  await until(() => worker.lostIds.includes(lease.attemptId), 'the worker was told');
  await until(() => scheduler.recorded.length > 0, 'it was given back');
  expect(scheduler.recorded[0]).toMatchObject({
    attemptId: lease.attemptId,
    end: AttemptEnd.REJECTED,
  });
});

test('a slot of a lost attempt is free again once its worker says so', async () => {
  const { scheduler } = mesh;
  const worker = await joinWorker(mesh.worker);
  scheduler.enqueue({ startWithinMs: 60 });
  const lease = await worker.lease(1);
  await until(() => worker.lostIds.includes(lease.attemptId), 'the worker was told');
  expect(worker.leases).toHaveLength(1);
  worker.say({ case: 'credit', value: { slots: 1 } });
  const again = await worker.lease(2);
  expect(again.attemptId).not.toBe(lease.attemptId);
});

test('a heartbeat is always answered, and names attempts that are not the worker’s', async () => {
  const { scheduler } = mesh;
  const worker = await joinWorker(mesh.worker);
  scheduler.enqueue({});
  const lease = await worker.lease(1);
  const stranger = '00000000-0000-7000-8000-000000000000';
  worker.say({ case: 'heartbeat', value: { attemptIds: [lease.attemptId] } });
  worker.say({ case: 'heartbeat', value: { attemptIds: [lease.attemptId, stranger] } });
  const answers = () => worker.heard.filter(({ case: kind }) => kind === 'heartbeatResult');
  await until(() => answers().length === 2, 'both heartbeats are answered');
  expect(answers()[0]?.value).toMatchObject({ lostAttemptIds: [], refreshedTokens: [] });
  expect(answers()[1]?.value).toMatchObject({ lostAttemptIds: [stranger] });
});

test('attempts are renewed at their scheduler, and those it disowns are taken away', async () => {
  const { scheduler } = mesh;
  const worker = await joinWorker(mesh.worker);
  scheduler.enqueue({});
  const lease = await worker.lease(1);
  worker.accept(lease);
  await until(() => scheduler.renewals.length > 0, 'the lease was renewed');
  expect(scheduler.renewals[0]?.workers).toMatchObject([
    { workerId: 'worker-1', attemptIds: [lease.attemptId] },
  ]);
  scheduler.end(lease.attemptId);
  await until(() => worker.lostIds.includes(lease.attemptId), 'the worker was told');
});

test('a cancel reaches the worker once, however often it is repeated', async () => {
  const { scheduler } = mesh;
  const worker = await joinWorker(mesh.worker);
  scheduler.enqueue({});
  const lease = await worker.lease(1);
  worker.accept(lease);
  const stranger = '00000000-0000-7000-8000-000000000000';
  const { toldCount } = await mesh.api.cancelAttempts({
    attemptIds: [lease.attemptId, stranger],
    mode: CancelMode.GRACEFUL,
    reason: 'run cancelled',
  });
  expect(toldCount).toBe(1);
  await until(() => worker.cancelledIds.length > 0, 'the cancel has come');
  scheduler.cancels.set(lease.attemptId, CancelMode.GRACEFUL);
  const seen = scheduler.renewals.length;
  await until(() => scheduler.renewals.length > seen + 1, 'it was renewed again');
  expect(worker.cancelledIds).toEqual([lease.attemptId]);
  const said = worker.heard.find(({ case: kind }) => kind === 'cancel');
  expect(said?.value).toMatchObject({ mode: CancelMode.GRACEFUL, reason: 'run cancelled' });
  worker.say({
    case: 'cancelProgress',
    value: { attemptId: lease.attemptId, step: CancelStep.SIGNALLED },
  });
  worker.finish(lease, { outcome: Outcome.CANCELLED });
  expect((await worker.result(lease.attemptId)).status).toBe(AttemptStatus.RECORDED);
});

test('a cancel that only the renewal knows of reaches the worker, too', async () => {
  const { scheduler } = mesh;
  const worker = await joinWorker(mesh.worker);
  scheduler.enqueue({});
  const lease = await worker.lease(1);
  worker.accept(lease);
  scheduler.cancels.set(lease.attemptId, CancelMode.KILL);
  await until(() => worker.cancelledIds.includes(lease.attemptId), 'the cancel has come');
});
