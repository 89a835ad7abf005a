// A worker that cannot stream: everything by single calls over plain HTTP with JSON, as curl makes
// them.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { CancelMode } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import { eventually } from '../../tests/kit/wait.ts';
import { shortLeases, startTestMesh, type TestMesh } from './testing/mesh.ts';
import { joinWorker } from './testing/worker.ts';

let mesh: TestMesh;
beforeEach(async () => {
  mesh = await startTestMesh();
});
afterEach(() => mesh.stop());

/** Another mesh, in which leases run out soon. */
async function shortenLeases(): Promise<void> {
  await mesh.stop();
  mesh = await startTestMesh({ timing: shortLeases });
}

type JsonLease = { attemptId: string; attemptToken: string; taskId: string; epoch: string };

const until = (condition: () => boolean | Promise<boolean>, what: string) =>
  eventually(condition, { deadlineMs: 60_000, what, pollMs: 5 });

async function acquire(options: { slots?: number; wait?: string } = {}): Promise<JsonLease[]> {
  const { body } = await mesh.post('AcquireTasks', {
    workerId: 'curl-1',
    queues: ['default'],
    slots: options.slots ?? 1,
    wait: options.wait ?? '5s',
    language: 'bash',
  });
  return (body['leases'] ?? []) as JsonLease[];
}

/** Leases one attempt. */
async function acquireOne(): Promise<JsonLease> {
  mesh.scheduler.enqueue({});
  const [lease] = await acquire();
  if (lease === undefined) throw new Error('there is work');
  return lease;
}

const report = (attemptToken: string, more: object = {}) =>
  mesh.post('ReportTasks', {
    workerId: 'curl-1',
    reports: [{ attemptToken, outcome: 'OUTCOME_SUCCESS', ...more }],
  });

const heartbeat = async (...attemptTokens: string[]) =>
  (await mesh.post('Heartbeat', { workerId: 'curl-1', attemptTokens })).body;

test('a task is leased, run and reported with three kinds of calls', async () => {
  mesh.scheduler.enqueue({ taskId: 'extract' });
  const { body } = await mesh.post('AcquireTasks', {
    workerId: 'curl-1',
    queues: ['default'],
    slots: 1,
  });
  expect(body).toMatchObject({
    heartbeatInterval: '0.500s',
    leaseTtl: '30s',
    leases: [{ taskId: 'extract', dagId: 'etl' }],
  });
  const [lease] = body['leases'] as JsonLease[];
  const token = lease?.attemptToken ?? '';
  expect(await heartbeat(token)).toEqual({});
  const log = await mesh.post('AppendLog', {
    chunk: { attemptToken: token, offset: '0', content: Buffer.from('{}\n').toString('base64') },
  });
  expect(log.body).toEqual({ storedSize: '3' });
  const { body: answer } = await report(token, {
    xcoms: [{ key: 'return_value', valueJson: '42' }],
  });
  expect(answer).toMatchObject({
    results: [{ attemptId: lease?.attemptId, status: 'ATTEMPT_STATUS_RECORDED' }],
  });
  expect(mesh.scheduler.recorded).toMatchObject([
    { end: AttemptEnd.SUCCESS, xcoms: [{ key: 'return_value', valueJson: '42' }] },
  ]);
});

test('a call that waits is answered as soon as there is work', async () => {
  const waiting = acquire({ wait: '30s' });
  await until(() => mesh.scheduler.leaseCalls.length > 0, 'the scheduler was asked');
  mesh.scheduler.enqueue({ taskId: 'late' });
  expect(await waiting).toMatchObject([{ taskId: 'late' }]);
});

test('a call without work ends after its wait with no leases', async () => {
  const startMs = systemClock.monotonicMs();
  expect(await acquire({ wait: '0.2s' })).toEqual([]);
  const tookMs = systemClock.monotonicMs() - startMs;
  expect(tookMs).toBeGreaterThanOrEqual(190);
  expect(tookMs).toBeLessThan(20_000);
});

test('a call gets no more leases than it has slots for', async () => {
  mesh.scheduler.enqueue({}, {}, {}, {});
  const first = await acquire({ slots: 3 });
  expect(first).toHaveLength(3);
  expect(await acquire({ slots: 3, wait: '0.2s' })).toHaveLength(1);
});

test('a lease for a call that is over goes back at once, and the next call gets it', async () => {
  const hurried = acquire({ wait: '0.1s' });
  await until(() => mesh.scheduler.leaseCalls.length > 0, 'the scheduler was asked');
  await hurried;
  mesh.scheduler.enqueue({ taskId: 'late' });
  await until(() => mesh.scheduler.recorded.length === 1, 'it went back');
  expect(mesh.scheduler.recorded[0]?.end).toBe(AttemptEnd.REJECTED);
  expect(await acquire()).toMatchObject([{ taskId: 'late' }]);
});

test('a silent worker is lost, a heartbeating one is not', async () => {
  await shortenLeases();
  const lease = await acquireOne();
  const startMs = systemClock.monotonicMs();
  while (systemClock.monotonicMs() - startMs < 2 * shortLeases.leaseTtlMs) {
    expect(await heartbeat(lease.attemptToken)).toEqual({});
    await systemClock.sleep(100);
  }
  expect(mesh.scheduler.recorded).toEqual([]);
  await until(() => mesh.scheduler.recorded.length === 1, 'the silent worker was lost');
  expect(mesh.scheduler.recorded[0]).toMatchObject({
    attemptId: lease.attemptId,
    end: AttemptEnd.LOST,
  });
  expect(await heartbeat(lease.attemptToken)).toMatchObject({ lostAttemptIds: [lease.attemptId] });
});

test('a worker that waits for work with an open call is not silent', async () => {
  await shortenLeases();
  const lease = await acquireOne();
  const waiting = acquire({ wait: '3s' });
  expect(await waiting).toEqual([]);
  expect(mesh.scheduler.recorded).toEqual([]);
  const { body } = await report(lease.attemptToken);
  expect(body).toMatchObject({ results: [{ status: 'ATTEMPT_STATUS_RECORDED' }] });
});

test('a heartbeat says what must end', async () => {
  const lease = await acquireOne();
  await mesh.api.cancelAttempts({ attemptIds: [lease.attemptId], mode: CancelMode.GRACEFUL });
  expect(await heartbeat(lease.attemptToken)).toEqual({ cancelledAttemptIds: [lease.attemptId] });
  const { body } = await report(lease.attemptToken, { outcome: 'OUTCOME_CANCELLED' });
  expect(body).toMatchObject({ results: [{ status: 'ATTEMPT_STATUS_RECORDED' }] });
  expect(mesh.scheduler.recorded).toMatchObject([{ end: AttemptEnd.CANCELLED }]);
});

test('verdicts come in the order of the reports, each after its commit', async () => {
  const [lease, garbage] = [await acquireOne(), 'garbage'];
  mesh.scheduler.delayMs = 50;
  const { body } = await mesh.post('ReportTasks', {
    workerId: 'curl-1',
    reports: [
      { attemptToken: garbage, outcome: 'OUTCOME_SUCCESS' },
      { attemptToken: lease.attemptToken, outcome: 'OUTCOME_SUCCESS' },
    ],
  });
  expect(body).toMatchObject({
    results: [
      { status: 'ATTEMPT_STATUS_STALE' },
      { attemptId: lease.attemptId, status: 'ATTEMPT_STATUS_RECORDED' },
    ],
  });
});

test('after a restart of the executor a worker goes on as if nothing had happened', async () => {
  const lease = await acquireOne();
  await mesh.restart();
  expect(await heartbeat(lease.attemptToken)).toEqual({});
  expect((await mesh.api.listWorkers({})).workers).toMatchObject([
    { workerId: 'curl-1', runningCount: 1 },
  ]);
  const { body } = await report(lease.attemptToken);
  expect(body).toMatchObject({ results: [{ status: 'ATTEMPT_STATUS_RECORDED' }] });
});

test('a worker that is to leave gets no work any more', async () => {
  await acquireOne();
  await mesh.api.drainWorker({ workerId: 'curl-1', reason: 'tired' });
  const { status, body } = await mesh.post('AcquireTasks', {
    workerId: 'curl-1',
    queues: ['default'],
    slots: 1,
  });
  expect(status).toBe(400);
  expect(body).toMatchObject({ code: 'failed_precondition' });
});

test('a worker with a session cannot also make single calls', async () => {
  await joinWorker(mesh.worker, { workerId: 'curl-1' });
  const { body } = await mesh.post('Heartbeat', { workerId: 'curl-1', attemptTokens: [] });
  expect(body).toMatchObject({ code: 'invalid_argument' });
});

test('a request above 4 MiB is refused', async () => {
  const lease = await acquireOne();
  const { status, body } = await report(lease.attemptToken, {
    xcoms: [{ key: 'k', valueJson: `"${'x'.repeat(5_000_000)}"` }],
  });
  expect(status).toBe(429);
  expect(body).toMatchObject({ code: 'resource_exhausted' });
});
