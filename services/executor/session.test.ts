// A worker with a session: how work comes to it, how outcomes go back, and what each of its words
// does.
import { afterEach, expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { CancelMode, FailureReason, Outcome } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { AttemptStatus, CancelStep } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { Code, reasonOf } from '#kernel/errors/errors.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import { eventually } from '../../tests/kit/wait.ts';
import { startTestMesh, type TestMesh, type TestMeshOptions, timing } from './test-mesh.ts';
import { xcom } from './test-xcoms.ts';
import { connectWorker, helloOf, joinWorker, reportOf } from './test-worker.ts';

let mesh: TestMesh;
const start = async (options?: TestMeshOptions) => {
  mesh = await startTestMesh(options);
  return mesh;
};
afterEach(() => mesh.stop());

const until = (condition: () => boolean, what: string) =>
  eventually(condition, { deadlineMs: 5_000, what, pollMs: 2 });

test('Welcome dictates the spans and limits', async () => {
  await start();
  const { welcome } = await joinWorker(mesh.worker);
  expect(fromDuration(welcome.heartbeatInterval)).toBe(timing.heartbeatMs);
  expect(fromDuration(welcome.leaseTtl)).toBe(timing.leaseTtlMs);
  expect(fromDuration(welcome.killGrace)).toBe(timing.killGraceMs);
  expect(welcome.xcomSizeMax).toBe(262_144);
  expect(welcome.logChunkMax).toBe(1_048_576);
  expect(welcome.logSizeMax).toBe(1_048_576n);
});

test('a session that does not begin with Hello is refused', async () => {
  await start();
  const worker = connectWorker(mesh.worker, 'worker-1');
  worker.say({ case: 'drain', value: {} });
  await until(() => worker.ended !== undefined, 'the session has ended');
  expect(reasonOf(worker.ended?.error)).toBe('hello_expected');
});

test('only workers may call WorkerService, and workers may not call ExecutorService', async () => {
  await start();
  const worker = connectWorker(mesh.workerAs('api'), 'worker-1');
  worker.say({ case: 'hello', value: helloOf({ workerId: 'worker-1' }) });
  await until(() => worker.ended !== undefined, 'the session has ended');
  expect(worker.ended?.error).toMatchObject({ code: Code.PermissionDenied });
});

test('an outcome is recorded before its worker hears of it', async () => {
  const { scheduler } = await start();
  const worker = await joinWorker(mesh.worker);
  scheduler.enqueue({ taskId: 'extract' });
  const lease = await worker.lease(1);
  expect(lease).toMatchObject({ taskId: 'extract', dagId: 'etl', tryNumber: 1 });
  worker.accept(lease);
  worker.finish(lease, { xcoms: [{ key: 'return_value', valueJson: '[1,2]' }] });
  const result = await worker.result(lease.attemptId);
  expect(result.status).toBe(AttemptStatus.RECORDED);
  expect(scheduler.recorded).toMatchObject([
    {
      attemptId: lease.attemptId,
      epoch: lease.epoch,
      end: AttemptEnd.SUCCESS,
      xcoms: [{ key: 'return_value', valueJson: '[1,2]' }],
    },
  ]);
});

test('the next lease travels with the verdict on the one before, in one message', async () => {
  const { scheduler } = await start();
  const worker = await joinWorker(mesh.worker);
  scheduler.enqueue({ taskId: 'first' });
  const first = await worker.lease(1);
  scheduler.queued.push({ taskId: 'second' });
  worker.finish(first);
  const second = await worker.lease(2);
  expect(second.taskId).toBe('second');
  const recorded = worker.heard.find(({ case: kind }) => kind === 'recorded');
  expect(recorded?.value).toMatchObject({
    results: [{ attemptId: first.attemptId }],
    leases: [{ attemptId: second.attemptId }],
  });
});

test('what happened to a task is told to the scheduler in its words', async () => {
  const { scheduler } = await start();
  const worker = await joinWorker(mesh.worker, { slots: 4 });
  scheduler.enqueue({}, {}, {}, {});
  const leases = [await worker.lease(1), await worker.lease(2), await worker.lease(3)];
  const [failed, skipped, cancelled] = leases as [
    (typeof leases)[0],
    (typeof leases)[0],
    (typeof leases)[0],
  ];
  worker.finish(failed, {
    outcome: Outcome.FAILED,
    error: { errorClass: 'ValueError', message: 'm\0m', stack: 's'.repeat(100_000), isFinal: true },
  });
  worker.finish(skipped, { outcome: Outcome.SKIPPED, reason: 'no data' });
  worker.finish(cancelled, { outcome: Outcome.CANCELLED });
  await worker.result(cancelled.attemptId);
  const byId = new Map(scheduler.recorded.map((outcome) => [outcome.attemptId, outcome]));
  expect(byId.get(failed.attemptId)).toMatchObject({
    end: AttemptEnd.FAILED,
    error: { errorClass: 'ValueError', message: 'm\uFFFDm', isFinal: true },
  });
  expect(byId.get(failed.attemptId)?.error?.stack).toHaveLength(16_384);
  expect(byId.get(skipped.attemptId)).toMatchObject({ end: AttemptEnd.SKIPPED, reason: 'no data' });
  expect(byId.get(cancelled.attemptId)?.end).toBe(AttemptEnd.CANCELLED);
});

test.each([
  ['a value above 256 KiB', [{ key: 'k', valueJson: `"${'x'.repeat(262_144)}"` }], 'bytes'],
  ['a value that is not JSON', [{ key: 'k', valueJson: '{broken' }], 'not JSON'],
  ['a key that is empty', [{ key: '', valueJson: '1' }], 'key'],
  [
    'too many values',
    Array.from({ length: 1_001 }, (_, n) => ({ key: `k${n}`, valueJson: '1' })),
    '1001',
  ],
])('a success with %s is recorded as a failure that says so', async (_, xcoms, word) => {
  const { scheduler } = await start();
  const worker = await joinWorker(mesh.worker);
  scheduler.enqueue({});
  const lease = await worker.lease(1);
  worker.finish(lease, { xcoms });
  const result = await worker.result(lease.attemptId);
  expect(result.status).toBe(AttemptStatus.REFUSED);
  expect(result.reason).toContain(word);
  expect(scheduler.recorded).toMatchObject([
    { end: AttemptEnd.FAILED, xcoms: [], error: { reason: FailureReason.LIMIT } },
  ]);
  expect(worker.ended).toBeUndefined();
});

test('an outcome that is reported again gets its verdict again and changes nothing', async () => {
  const { scheduler } = await start();
  const worker = await joinWorker(mesh.worker);
  scheduler.enqueue({});
  const lease = await worker.lease(1);
  worker.finish(lease);
  await worker.result(lease.attemptId);
  worker.finish(lease);
  worker.finish(lease, { outcome: Outcome.FAILED });
  await until(() => worker.results.length === 3, 'three verdicts have come');
  expect(scheduler.recorded).toHaveLength(1);
  expect(scheduler.recorded[0]?.end).toBe(AttemptEnd.SUCCESS);
});

test('an outcome of an attempt that the mesh has ended is stale', async () => {
  const { scheduler } = await start();
  const worker = await joinWorker(mesh.worker);
  scheduler.enqueue({});
  const lease = await worker.lease(1);
  scheduler.end(lease.attemptId);
  worker.finish(lease);
  expect((await worker.result(lease.attemptId)).status).toBe(AttemptStatus.STALE);
  expect(scheduler.recorded).toEqual([]);
});

test('an outcome waits for its scheduler and is recorded once when that is back', async () => {
  const { scheduler } = await start();
  const worker = await joinWorker(mesh.worker);
  scheduler.enqueue({});
  const lease = await worker.lease(1);
  scheduler.failure = 'unreachable';
  worker.finish(lease);
  await eventually(async () => (await mesh.api.listWorkers({})).workers[0]?.runningCount === 0, {
    deadlineMs: 2_000,
    what: 'the executor has the outcome',
  });
  expect(worker.results).toEqual([]);
  scheduler.failure = undefined;
  expect((await worker.result(lease.attemptId)).status).toBe(AttemptStatus.RECORDED);
  expect(scheduler.recorded).toHaveLength(1);
});

test('an outcome whose answer was lost is recorded once', async () => {
  const { scheduler } = await start();
  const worker = await joinWorker(mesh.worker);
  scheduler.enqueue({});
  const lease = await worker.lease(1);
  scheduler.losesAnswers = true;
  worker.finish(lease);
  await until(() => scheduler.reportCalls.length >= 2, 'it was reported twice');
  scheduler.losesAnswers = false;
  expect((await worker.result(lease.attemptId)).status).toBe(AttemptStatus.RECORDED);
  expect(scheduler.recorded).toHaveLength(1);
});

test('an outcome that its scheduler cannot take harms no other', async () => {
  const { scheduler } = await start();
  const worker = await joinWorker(mesh.worker, { slots: 7 });
  scheduler.enqueue({}, {}, {}, {}, {}, {}, {});
  await worker.lease(7);
  const [poison, ...others] = worker.leases.map(({ attemptId }) => attemptId);
  scheduler.poisonIds.add(poison ?? '');
  worker.say({
    case: 'finished',
    value: { reports: worker.leases.map(({ attemptToken }) => reportOf(attemptToken)) },
  });
  expect((await worker.result(poison ?? '')).status).toBe(AttemptStatus.REFUSED);
  for (const attemptId of others) {
    expect((await worker.result(attemptId)).status).toBe(AttemptStatus.RECORDED);
  }
  expect(scheduler.recorded).toHaveLength(6);
});

test('an outcome follows its partition to another scheduler', async () => {
  const { schedulers } = await start({ schedulersCount: 2 });
  const [first, second] = schedulers as [TestMesh['scheduler'], TestMesh['scheduler']];
  const worker = await joinWorker(mesh.worker);
  first.enqueue({});
  const lease = await worker.lease(1);
  first.failure = 'not_owner';
  worker.finish(lease);
  for (const [attemptId, live] of first.live) second.live.set(attemptId, live);
  second.partitions = [...first.partitions, ...second.partitions];
  mesh.metadata.publishMap([second]);
  expect((await worker.result(lease.attemptId)).status).toBe(AttemptStatus.RECORDED);
  expect(second.recorded).toHaveLength(1);
  expect(first.recorded).toHaveLength(0);
});

test('a lease that is not started in time goes back without costing a try', async () => {
  const { scheduler } = await start();
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
  const { scheduler } = await start();
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
  const { scheduler } = await start();
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
  const { scheduler } = await start();
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
  const { scheduler } = await start();
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
  const { scheduler } = await start();
  const worker = await joinWorker(mesh.worker);
  scheduler.enqueue({});
  const lease = await worker.lease(1);
  worker.accept(lease);
  scheduler.cancels.set(lease.attemptId, CancelMode.KILL);
  await until(() => worker.cancelledIds.includes(lease.attemptId), 'the cancel has come');
});

test('a draining worker gets no leases, and is forgotten when it has left', async () => {
  const { scheduler } = await start();
  const worker = await joinWorker(mesh.worker, { slots: 2 });
  scheduler.enqueue({ taskId: 'begun' });
  const lease = await worker.lease(1);
  worker.accept(lease);
  worker.say({ case: 'drain', value: {} });
  await eventually(async () => (await mesh.api.listWorkers({})).workers[0]?.state === 2, {
    deadlineMs: 2_000,
    what: 'the worker drains',
  });
  scheduler.enqueue({ taskId: 'late' });
  worker.finish(lease);
  await worker.result(lease.attemptId);
  expect(worker.leases).toHaveLength(1);
  worker.close();
  await eventually(async () => (await mesh.api.listWorkers({})).workers.length === 0, {
    deadlineMs: 2_000,
    what: 'the worker is forgotten',
  });
});

test('leases that a draining worker hands back go to another worker', async () => {
  const { scheduler } = await start();
  const leaving = await joinWorker(mesh.worker, { workerId: 'leaving' });
  scheduler.enqueue({ taskId: 'extract' });
  const lease = await leaving.lease(1);
  leaving.say({ case: 'drain', value: {} });
  leaving.finish(lease, { outcome: Outcome.REJECTED, reason: 'draining' });
  const staying = await joinWorker(mesh.worker, { workerId: 'staying' });
  const again = await staying.lease(1);
  expect(again.taskId).toBe('extract');
  expect(scheduler.recorded[0]?.end).toBe(AttemptEnd.REJECTED);
});

test('an operator drains a worker: it is told, and stays drained when it reconnects', async () => {
  await start();
  const worker = await joinWorker(mesh.worker);
  await mesh.api.drainWorker({ workerId: 'worker-1', reason: 'new kernel' });
  await until(() => worker.heard.some(({ case: kind }) => kind === 'drain'), 'it was told');
  worker.breakOff();
  const back = await joinWorker(mesh.worker);
  await until(() => back.heard.some(({ case: kind }) => kind === 'drain'), 'it was told again');
  expect((await mesh.api.listWorkers({})).workers).toMatchObject([{ state: 2 }]);
  await expect(mesh.api.drainWorker({ workerId: 'nobody' })).rejects.toSatisfy(
    (error) => reasonOf(error) === 'worker_not_found',
  );
});

test('operators see workers with their slots and what they run', async () => {
  const { scheduler } = await start();
  const worker = await joinWorker(mesh.worker, {
    slots: 3,
    labels: { zone: 'a' },
    queues: ['b', 'default'],
  });
  scheduler.enqueue({});
  worker.accept(await worker.lease(1));
  await eventually(async () => (await mesh.api.listWorkers({})).workers[0]?.runningCount === 1, {
    deadlineMs: 2_000,
    what: 'the attempt runs',
  });
  const { workers } = await mesh.api.listWorkers({});
  expect(workers).toMatchObject([
    {
      workerId: 'worker-1',
      language: 'test',
      sdk: 'test 1',
      queues: ['b', 'default'],
      slots: 3,
      state: 1,
      labels: { zone: 'a' },
    },
  ]);
  expect(workers[0]?.executorId).toBe([...mesh.metadata.executors][0]);
});

test('upstream values and declared connections travel inside the lease', async () => {
  const { scheduler, metadata } = await start();
  metadata.xcoms.set('extract/return_value', '{"rows":12345678901234567890}');
  metadata.connections.set('warehouse', 'secret');
  const worker = await joinWorker(mesh.worker, { slots: 2 });
  const task = {
    inputsJson: '{"limit":10}',
    inputs: [
      { name: 'data', value: xcom({ taskId: 'extract' }) },
      { name: 'missing', value: xcom({ taskId: 'extract', key: 'other' }) },
    ],
    connections: ['warehouse', 'unknown'],
  };
  scheduler.enqueue({ taskId: 'a', ...task }, { taskId: 'b', ...task });
  const lease = await worker.lease(1);
  expect(lease.inputsJson).toBe('{"limit":10,"data":{"rows":12345678901234567890},"missing":null}');
  expect(lease.connections).toMatchObject([{ connId: 'warehouse', password: 'secret' }]);
  await worker.lease(2);
  expect(metadata.xcomReads).toHaveLength(1);
  expect(metadata.connectionReads).toHaveLength(1);
});

test('arguments too large for a message fail the task, not the session', async () => {
  const { scheduler, metadata } = await start();
  const worker = await joinWorker(mesh.worker);
  const names = Array.from({ length: 13 }, (_, number) => `n${number}`);
  for (const name of names) metadata.xcoms.set(`extract/${name}`, `"${'x'.repeat(262_000)}"`);
  scheduler.enqueue({
    inputs: names.map((key) => ({ name: key, value: xcom({ taskId: 'extract', key }) })),
  });
  await until(() => scheduler.recorded.length === 1, 'the failure was recorded');
  expect(scheduler.recorded[0]).toMatchObject({
    end: AttemptEnd.FAILED,
    error: { reason: FailureReason.LIMIT },
  });
  scheduler.enqueue({ taskId: 'small' });
  expect((await worker.lease(1)).taskId).toBe('small');
});

test('an executor that stops sends its workers elsewhere and leaves the map', async () => {
  const { metadata } = await start();
  const worker = await joinWorker(mesh.worker);
  await until(() => metadata.executors.size === 1, 'the executor is announced');
  await mesh.stopExecutor();
  await until(() => worker.ended !== undefined, 'the session has ended');
  expect(worker.heard.map(({ case: kind }) => kind)).toContain('goAway');
  expect(metadata.executors.size).toBe(0);
});
