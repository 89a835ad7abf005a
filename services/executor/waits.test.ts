// Tasks that go on waiting off their worker, and what mapped tasks need to know of a result.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { FailureReason, Outcome } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { AttemptStatus } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { eventually } from '../../tests/kit/wait.ts';
import { shortLeases, startTestMesh, type TestMesh } from './testing/mesh.ts';
import { beat, connectWorker, helloOf, joinWorker, reportOf } from './testing/worker.ts';

let mesh: TestMesh;
beforeEach(async () => {
  mesh = await startTestMesh();
});
afterEach(() => mesh.stop());

const until = (condition: () => boolean, what: string) =>
  eventually(condition, { deadlineMs: 60_000, what, pollMs: 2 });

const after = { kind: { case: 'timer', value: { moment: { case: 'after', value: {} } } } } as const;
const defer = { trigger: after, method: 'on_event', stateJson: '{"n":1}' };
const awaitInput = { humanInput: { subject: 'Go on?', options: ['Approve', 'Reject'] } };
const deferred = { outcome: Outcome.DEFERRED, defer };

test.each([
  ['deferred', AttemptEnd.DEFERRED, deferred],
  [
    'rescheduled',
    AttemptEnd.RESCHEDULED,
    { outcome: Outcome.RESCHEDULED, rescheduleAt: toTimestamp(systemClock.nowMs()) },
  ],
  [
    'waiting for people',
    AttemptEnd.AWAITING_INPUT,
    { outcome: Outcome.AWAITING_INPUT, awaitInput },
  ],
])('a task that is %s is recorded so, and its slot takes other work', async (_, end, report) => {
  const worker = await joinWorker(mesh.worker);
  mesh.scheduler.enqueue({ taskId: 'waiting' }, { taskId: 'next' });
  const lease = await worker.lease(1);
  worker.accept(lease);
  worker.finish(lease, report);
  expect((await worker.lease(2)).taskId).toBe('next');
  expect((await worker.result(lease.attemptId)).status).toBe(AttemptStatus.RECORDED);
  const { outcome: _said, ...content } = report;
  expect(mesh.scheduler.recorded).toMatchObject([{ end, ...content }]);
});

test('a worker that breaks off reports its wait when it is back', async () => {
  const worker = await joinWorker(mesh.worker);
  mesh.scheduler.enqueue({});
  const lease = await worker.lease(1);
  worker.accept(lease);
  worker.breakOff();
  const unacknowledged = [reportOf(lease.attemptToken, deferred)];
  const { welcome } = await joinWorker(mesh.worker, { unacknowledged });
  expect(welcome.resumed).toMatchObject([
    { attemptId: lease.attemptId, status: AttemptStatus.RECORDED },
  ]);
  expect(mesh.scheduler.recorded).toMatchObject([{ end: AttemptEnd.DEFERRED, defer }]);
});

test('a worker that cannot stream says it with JSON', async () => {
  mesh.scheduler.enqueue({});
  const acquired = await mesh.post('AcquireTasks', {
    workerId: 'curl-1',
    queues: ['default'],
    slots: 1,
  });
  const [lease] = acquired.body['leases'] as { attemptToken: string }[];
  const { body } = await mesh.post('ReportTasks', {
    workerId: 'curl-1',
    reports: [
      {
        attemptToken: lease?.attemptToken,
        outcome: 'OUTCOME_DEFERRED',
        defer: { trigger: { timer: { after: '60s' } }, timeout: '3600s' },
      },
    ],
  });
  expect(body).toMatchObject({ results: [{ status: 'ATTEMPT_STATUS_RECORDED' }] });
  expect(mesh.scheduler.recorded).toMatchObject([
    { end: AttemptEnd.DEFERRED, defer: { timeout: { seconds: 3600n } } },
  ]);
});

test('a wait for nothing is recorded as a failure, and the worker learns why', async () => {
  const worker = await joinWorker(mesh.worker);
  mesh.scheduler.enqueue({});
  const lease = await worker.lease(1);
  worker.finish(lease, { outcome: Outcome.DEFERRED, defer: {} });
  const result = await worker.result(lease.attemptId);
  expect(result.status).toBe(AttemptStatus.REFUSED);
  expect(result.reason).toContain('defer.trigger');
  expect(mesh.scheduler.recorded).toMatchObject([
    { end: AttemptEnd.FAILED, error: { reason: FailureReason.LIMIT } },
  ]);
});

test('what a task pushed is stored before its wait is recorded', async () => {
  await mesh.stop();
  mesh = await startTestMesh({ timing: shortLeases });
  const worker = await joinWorker(mesh.worker);
  mesh.scheduler.enqueue({});
  const lease = await worker.lease(1);
  mesh.metadata.failure = 'unreachable';
  worker.finish(lease, { ...deferred, xcoms: [{ key: 'k', valueJson: '1' }] });
  const heard = beat(worker, [lease.attemptId]);
  await systemClock.sleep(2 * shortLeases.leaseTtlMs);
  expect(mesh.scheduler.recorded).toEqual([]);
  expect(worker.lostIds).toEqual([]);
  mesh.metadata.failure = undefined;
  await worker.result(lease.attemptId);
  heard.stop();
  expect(mesh.metadata.ownXComs.get(`${lease.attemptId}/k`)).toBe('1');
  expect(mesh.scheduler.recorded).toMatchObject([{ end: AttemptEnd.DEFERRED }]);
});

test('what cannot be stored fails the task instead of being lost', async () => {
  const worker = await joinWorker(mesh.worker);
  mesh.scheduler.enqueue({});
  const lease = await worker.lease(1);
  mesh.metadata.failure = 'internal';
  worker.finish(lease, { ...deferred, xcoms: [{ key: 'k', valueJson: '1' }] });
  await worker.result(lease.attemptId);
  expect(mesh.scheduler.recorded).toMatchObject([{ end: AttemptEnd.FAILED }]);
});

test('what cannot be stored is not tried for ever: it ends with its attempt', async () => {
  const worker = await joinWorker(mesh.worker);
  mesh.scheduler.enqueue({});
  const lease = await worker.lease(1);
  mesh.metadata.failure = 'unreachable';
  worker.finish(lease, { ...deferred, xcoms: [{ key: 'k', valueJson: '1' }] });
  const heard = beat(worker, [lease.attemptId]);
  mesh.scheduler.end(lease.attemptId);
  expect((await worker.result(lease.attemptId)).status).toBe(AttemptStatus.STALE);
  heard.stop();
  mesh.metadata.failure = undefined;
  expect(mesh.scheduler.recorded).toEqual([]);
  expect(mesh.metadata.ownXComs.size).toBe(0);
});

test('decisions and updates of assets reach the scheduler', async () => {
  const worker = await joinWorker(mesh.worker);
  mesh.scheduler.enqueue({});
  const lease = await worker.lease(1);
  const report = {
    direction: { kind: { case: 'branch' as const, value: { followIds: ['a'] } } },
    assetUpdates: [{ asset: { name: 'orders' }, extraJson: '{}' }],
    mapLabel: 'Berlin',
  };
  worker.finish(lease, report);
  await worker.result(lease.attemptId);
  expect(mesh.scheduler.recorded).toMatchObject([report]);
});

describe('the length of what is mapped over', () => {
  const leaseMapped = async (more: object = {}) => {
    const worker = await joinWorker(mesh.worker);
    mesh.scheduler.enqueue({ isMappedOver: true, ...more });
    return { worker, lease: await worker.lease(1) };
  };
  const pushResult = (attemptToken: string, valueJson: string) =>
    mesh.worker.pushXCom({ attemptToken, xcom: { key: 'return_value', valueJson } });

  test('is that of the result', async () => {
    const { worker, lease } = await leaseMapped();
    worker.finish(lease, { xcoms: [{ key: 'return_value', valueJson: '[1,2,3]' }] });
    await worker.result(lease.attemptId);
    expect(mesh.scheduler.recorded).toMatchObject([{ mapLength: 3 }]);
    expect(mesh.metadata.xcomReads).toEqual([]);
  });

  test('is that of what was pushed while it ran', async () => {
    const { worker, lease } = await leaseMapped();
    await pushResult(lease.attemptToken, '{"a":1,"b":2}');
    worker.finish(lease);
    await worker.result(lease.attemptId);
    expect(mesh.scheduler.recorded).toMatchObject([{ end: AttemptEnd.SUCCESS, mapLength: 2 }]);
  });

  test('is absent when nothing is pushed, or was deleted again', async () => {
    const { worker, lease } = await leaseMapped();
    await pushResult(lease.attemptToken, '[1]');
    await mesh.worker.deleteXCom({ attemptToken: lease.attemptToken, key: 'return_value' });
    worker.finish(lease);
    await worker.result(lease.attemptId);
    expect(mesh.scheduler.recorded[0]).toMatchObject({ end: AttemptEnd.SUCCESS });
    expect(mesh.scheduler.recorded[0]?.mapLength).toBeUndefined();
  });

  test('is known after the executor was started anew', async () => {
    const { worker, lease } = await leaseMapped({ lease: { mapIndex: 4 } });
    await pushResult(lease.attemptToken, '[1,2]');
    await mesh.restart();
    await until(() => worker.ended !== undefined, 'the session has ended');
    const back = connectWorker(mesh.worker, 'worker-1');
    const unacknowledged = [reportOf(lease.attemptToken)];
    back.say({ case: 'hello', value: helloOf({ workerId: 'worker-1', unacknowledged }) });
    await until(() => mesh.scheduler.recorded.length === 1, 'it was recorded');
    expect(mesh.scheduler.recorded).toMatchObject([{ end: AttemptEnd.SUCCESS, mapLength: 2 }]);
  });

  test('is waited for while the ledger is away, and the attempt is not lost', async () => {
    const { worker, lease } = await leaseMapped();
    await pushResult(lease.attemptToken, '[1]');
    mesh.metadata.failure = 'unreachable';
    worker.finish(lease);
    worker.finish(lease);
    const heard = beat(worker, [lease.attemptId]);
    await until(() => mesh.metadata.xcomReads.length > 2, 'it is asked again and again');
    // Once it is recorded a heartbeat may still name it, and is told that it is lost.
    expect(worker.lostIds).toEqual([]);
    mesh.metadata.failure = undefined;
    await worker.result(lease.attemptId);
    heard.stop();
    expect(mesh.scheduler.recorded).toMatchObject([{ end: AttemptEnd.SUCCESS, mapLength: 1 }]);
  });
});
