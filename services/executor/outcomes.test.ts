// How outcomes go from workers to schedulers: once, in the mesh's words, whoever is away meanwhile.
import { afterEach, expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { FailureReason, Outcome } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { AttemptStatus } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { eventually } from '../../tests/kit/wait.ts';
import { startTestMesh, type TestMesh, type TestMeshOptions } from './testing/mesh.ts';
import { joinWorker, reportOf } from './testing/worker.ts';

let mesh: TestMesh;
const start = async (options?: TestMeshOptions) => {
  mesh = await startTestMesh(options);
  return mesh;
};
afterEach(() => mesh.stop());

const until = (condition: () => boolean, what: string) =>
  eventually(condition, { deadlineMs: 60_000, what, pollMs: 2 });

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
    deadlineMs: 60_000,
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

test('an outcome whose log can have no file is answered, and so are those after it', async () => {
  await start();
  const worker = await joinWorker(mesh.worker, { slots: 2 });
  mesh.scheduler.enqueue({ taskId: 'no such name' }, { taskId: 'other' });
  await worker.lease(2);
  for (const lease of worker.leases) worker.finish(lease);
  for (const { attemptId } of worker.leases.slice(0, 2)) {
    expect((await worker.result(attemptId)).status).toBe(AttemptStatus.RECORDED);
  }
  mesh.scheduler.enqueue({ taskId: 'later' });
  const later = await worker.lease(3);
  worker.finish(later);
  expect((await worker.result(later.attemptId)).status).toBe(AttemptStatus.RECORDED);
  expect(mesh.scheduler.reportCalls.flatMap(({ outcomes }) => outcomes)).toHaveLength(3);
});
