// Broken streams, lost workers, restarted executors: what becomes of the attempts.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { Lease } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { AttemptStatus } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { mintAttemptToken } from '#kernel/auth/attempt-token.ts';
import { systemClock } from '#kernel/clock/clock.ts';
import { eventually } from '../../tests/kit/wait.ts';
import { clusterKey, shortLeases, startTestMesh, type TestMesh, timing } from './testing/mesh.ts';
import { beat, joinWorker, reportOf, type TestWorker } from './testing/worker.ts';

/** What a busy machine may add to a span. */
const BUSY_MS = 10_000;

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

const until = (condition: () => boolean, what: string) =>
  eventually(condition, { deadlineMs: 60_000, what, pollMs: 2 });

/** A worker with slots for two, at work on one attempt. */
async function workerAtWork(): Promise<{ worker: TestWorker; lease: Lease }> {
  const worker = await joinWorker(mesh.worker, { slots: 2 });
  mesh.scheduler.enqueue({});
  const lease = await worker.lease(1);
  worker.accept(lease);
  worker.say({ case: 'heartbeat', value: { attemptIds: [lease.attemptId] } });
  await until(
    () => worker.heard.some(({ case: kind }) => kind === 'heartbeatResult'),
    'the executor has heard the worker',
  );
  return { worker, lease };
}

const back = (hello: Parameters<typeof joinWorker>[1]) =>
  joinWorker(mesh.worker, { slots: 2, ...hello });

test('a worker that reconnects keeps what it holds and finishes it', async () => {
  const { worker, lease } = await workerAtWork();
  worker.breakOff();
  const again = await back({ heldAttemptTokens: [lease.attemptToken] });
  expect(again.welcome.resumed).toMatchObject([
    { attemptId: lease.attemptId, status: AttemptStatus.KEEP },
  ]);
  again.finish(lease);
  expect((await again.result(lease.attemptId)).status).toBe(AttemptStatus.RECORDED);
});

test('a resumed worker has credit only for the slots that it does not hold', async () => {
  const { worker, lease } = await workerAtWork();
  worker.breakOff();
  const again = await back({ heldAttemptTokens: [lease.attemptToken] });
  mesh.scheduler.enqueue({}, {}, {});
  await again.lease(1);
  const renewals = mesh.scheduler.renewals.length;
  await until(() => mesh.scheduler.renewals.length > renewals + 1, 'time has passed');
  expect(again.leases).toHaveLength(1);
});

test('a worker that reconnects learns that an attempt was lost', async () => {
  const { worker, lease } = await workerAtWork();
  worker.breakOff();
  mesh.scheduler.end(lease.attemptId);
  const runningCount = async () => (await mesh.api.listWorkers({})).workers[0]?.runningCount;
  // One without attempts is soon forgotten.
  await eventually(async () => ((await runningCount()) ?? 0) === 0, {
    deadlineMs: 60_000,
    what: 'a renewal has told the executor',
  });
  const again = await back({ heldAttemptTokens: [lease.attemptToken] });
  expect(again.welcome.resumed).toMatchObject([
    { attemptId: lease.attemptId, status: AttemptStatus.STALE },
  ]);
});

test('an outcome that was never acknowledged is recorded with the next Hello', async () => {
  const { worker, lease } = await workerAtWork();
  worker.breakOff();
  const again = await back({ unacknowledged: [reportOf(lease.attemptToken)] });
  expect(again.welcome.resumed).toMatchObject([
    { attemptId: lease.attemptId, status: AttemptStatus.RECORDED },
  ]);
  expect(mesh.scheduler.recorded).toHaveLength(1);
});

test('an outcome that was recorded while its worker was away is told as recorded', async () => {
  const { worker, lease } = await workerAtWork();
  mesh.scheduler.delayMs = 100;
  worker.finish(lease);
  await until(() => mesh.scheduler.queued.length === 0, 'the report is under way');
  worker.breakOff();
  const again = await back({ unacknowledged: [reportOf(lease.attemptToken)] });
  expect(again.welcome.resumed).toMatchObject([{ status: AttemptStatus.RECORDED }]);
  expect(mesh.scheduler.recorded).toHaveLength(1);
});

test('a lease that was lost on its way goes to another at once and costs no try', async () => {
  const worker = await joinWorker(mesh.worker, { slots: 2 });
  mesh.scheduler.enqueue({ taskId: 'extract' });
  const lease = await worker.lease(1);
  worker.breakOff();
  const again = await back({});
  expect((await again.lease(1)).taskId).toBe('extract');
  expect(mesh.scheduler.recorded).toMatchObject([
    { attemptId: lease.attemptId, end: AttemptEnd.REJECTED },
  ]);
});

test('an attempt that its worker has forgotten is lost at once', async () => {
  const { worker, lease } = await workerAtWork();
  worker.breakOff();
  await back({});
  await until(() => mesh.scheduler.recorded.length === 1, 'it was reported');
  expect(mesh.scheduler.recorded[0]).toMatchObject({
    attemptId: lease.attemptId,
    end: AttemptEnd.LOST,
  });
});

test('an attempt that its worker no longer lists is lost after the TTL', async () => {
  await shortenLeases();
  const { worker, lease } = await workerAtWork();
  const beating = beat(worker, []);
  await until(() => mesh.scheduler.recorded.length === 1, 'it was reported');
  beating.stop();
  expect(mesh.scheduler.recorded[0]).toMatchObject({
    attemptId: lease.attemptId,
    end: AttemptEnd.LOST,
  });
});

test('a worker that does not come back is lost within TTL and one sweep', async () => {
  await shortenLeases();
  const joinedMs = systemClock.monotonicMs();
  const { worker, lease } = await workerAtWork();
  const leftMs = systemClock.monotonicMs();
  worker.breakOff();
  await until(() => mesh.scheduler.recorded.length === 1, 'it was reported');
  const lostMs = systemClock.monotonicMs();
  expect(mesh.scheduler.recorded[0]).toMatchObject({
    attemptId: lease.attemptId,
    end: AttemptEnd.LOST,
  });
  expect(lostMs - joinedMs).toBeGreaterThanOrEqual(shortLeases.leaseTtlMs);
  expect(lostMs - leftMs).toBeLessThan(shortLeases.leaseTtlMs + timing.sweepMs + BUSY_MS);
  expect((await mesh.api.listWorkers({})).workers).toEqual([]);
});

test('a worker that is silent on an open stream is lost and has to begin anew', async () => {
  await shortenLeases();
  const { worker } = await workerAtWork();
  await until(() => worker.ended !== undefined, 'its stream was ended');
  expect(worker.heard.map(({ case: kind }) => kind)).toContain('goAway');
  await until(() => mesh.scheduler.recorded.length === 1, 'its attempt was reported');
  expect(mesh.scheduler.recorded[0]?.end).toBe(AttemptEnd.LOST);
});

test('a worker that heartbeats lives for many TTLs', async () => {
  await shortenLeases();
  const { worker, lease } = await workerAtWork();
  const startMs = systemClock.monotonicMs();
  const attemptIds = [lease.attemptId];
  const beating = beat(worker, attemptIds);
  await until(
    () => systemClock.monotonicMs() - startMs > 3 * shortLeases.leaseTtlMs,
    'three TTLs have passed',
  );
  beating.stop();
  expect(mesh.scheduler.recorded).toEqual([]);
  worker.finish(lease);
  expect((await worker.result(lease.attemptId)).status).toBe(AttemptStatus.RECORDED);
});

test('a worker that leaves after Drain loses at once what it leaves behind', async () => {
  const { worker, lease } = await workerAtWork();
  worker.say({ case: 'drain', value: {} });
  worker.close();
  await until(() => mesh.scheduler.recorded.length === 1, 'it was reported');
  expect(mesh.scheduler.recorded[0]).toMatchObject({
    attemptId: lease.attemptId,
    end: AttemptEnd.LOST,
  });
});

test('a draining worker whose stream breaks is only suspect', async () => {
  const { worker, lease } = await workerAtWork();
  worker.say({ case: 'drain', value: {} });
  worker.breakOff();
  await eventually(async () => (await mesh.api.listWorkers({})).workers[0]?.state === 3, {
    deadlineMs: 60_000,
    what: 'it is suspect',
  });
  const again = await back({ heldAttemptTokens: [lease.attemptToken] });
  expect(again.welcome.resumed).toMatchObject([{ status: AttemptStatus.KEEP }]);
});

test('a second stream of a worker takes the place of the first', async () => {
  const { worker, lease } = await workerAtWork();
  const again = await back({ heldAttemptTokens: [lease.attemptToken] });
  await until(() => worker.ended !== undefined, 'the first stream has ended');
  expect((await mesh.api.listWorkers({})).workers).toHaveLength(1);
  again.finish(lease);
  expect((await again.result(lease.attemptId)).status).toBe(AttemptStatus.RECORDED);
});

test('after a restart of the executor a worker goes on with what is still its own', async () => {
  const { lease } = await workerAtWork();
  mesh.scheduler.enqueue({ taskId: 'ended' });
  await until(() => mesh.scheduler.live.size === 2, 'both are leased');
  const ended = [...mesh.scheduler.live.values()].find(({ taskId }) => taskId === 'ended');
  if (ended === undefined) throw new Error('it is leased');
  await mesh.restart();
  mesh.scheduler.end(ended.attemptId);
  const endedToken = mintAttemptToken(clusterKey, {
    ...ended,
    expiresAtMs: systemClock.nowMs() + 60_000,
  });
  const again = await back({ heldAttemptTokens: [lease.attemptToken, endedToken] });
  const statuses = new Map(again.welcome.resumed.map((each) => [each.attemptId, each.status]));
  expect(statuses.get(lease.attemptId)).toBe(AttemptStatus.KEEP);
  expect(statuses.get(ended.attemptId)).toBe(AttemptStatus.STALE);
  again.finish(lease);
  expect((await again.result(lease.attemptId)).status).toBe(AttemptStatus.RECORDED);
});

test('after a restart of the executor an unacknowledged outcome is recorded', async () => {
  const { lease } = await workerAtWork();
  await mesh.restart();
  const again = await back({ unacknowledged: [reportOf(lease.attemptToken)] });
  expect(again.welcome.resumed).toMatchObject([{ status: AttemptStatus.RECORDED }]);
});

test('while no scheduler answers, a returning worker keeps its attempts', async () => {
  const { lease } = await workerAtWork();
  await mesh.restart();
  mesh.scheduler.failure = 'unreachable';
  const again = await back({ heldAttemptTokens: [lease.attemptToken] });
  expect(again.welcome.resumed).toMatchObject([{ status: AttemptStatus.KEEP }]);
  mesh.scheduler.failure = undefined;
  again.finish(lease);
  expect((await again.result(lease.attemptId)).status).toBe(AttemptStatus.RECORDED);
});

test('a token that has ended names an attempt that is lost, and garbage names none', async () => {
  const { worker, lease } = await workerAtWork();
  worker.breakOff();
  const live = mesh.scheduler.live.get(lease.attemptId);
  if (live === undefined) throw new Error('it is live');
  const ended = mintAttemptToken(clusterKey, { ...live, expiresAtMs: systemClock.nowMs() - 1 });
  const again = await back({ heldAttemptTokens: [ended, 'garbage'] });
  expect(again.welcome.resumed).toMatchObject([
    { attemptId: lease.attemptId, status: AttemptStatus.STALE },
  ]);
});

test('a cancel that was told to a broken stream is told again on the next', async () => {
  const { worker, lease } = await workerAtWork();
  worker.breakOff();
  await eventually(async () => (await mesh.api.listWorkers({})).workers[0]?.state === 3, {
    deadlineMs: 60_000,
    what: 'it is suspect',
  });
  await mesh.api.cancelAttempts({ attemptIds: [lease.attemptId], mode: 1 });
  const again = await back({ heldAttemptTokens: [lease.attemptToken] });
  await until(() => again.cancelledIds.includes(lease.attemptId), 'the cancel has come');
});
