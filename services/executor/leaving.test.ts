// Workers that drain, executors that stop, and what operators see of both.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { Outcome } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { eventually } from '../../tests/kit/wait.ts';
import { startTestMesh, type TestMesh } from './testing/mesh.ts';
import { joinWorker } from './testing/worker.ts';

let mesh: TestMesh;
beforeEach(async () => {
  mesh = await startTestMesh();
});
afterEach(() => mesh.stop());

const until = (condition: () => boolean, what: string) =>
  eventually(condition, { deadlineMs: 60_000, what, pollMs: 2 });

test('a draining worker gets no leases, and is forgotten when it has left', async () => {
  const { scheduler } = mesh;
  const worker = await joinWorker(mesh.worker, { slots: 2 });
  scheduler.enqueue({ taskId: 'begun' });
  const lease = await worker.lease(1);
  worker.accept(lease);
  worker.say({ case: 'drain', value: {} });
  await eventually(async () => (await mesh.api.listWorkers({})).workers[0]?.state === 2, {
    deadlineMs: 60_000,
    what: 'the worker drains',
  });
  scheduler.enqueue({ taskId: 'late' });
  worker.finish(lease);
  await worker.result(lease.attemptId);
  expect(worker.leases).toHaveLength(1);
  worker.close();
  await eventually(async () => (await mesh.api.listWorkers({})).workers.length === 0, {
    deadlineMs: 60_000,
    what: 'the worker is forgotten',
  });
});

test('leases that a draining worker hands back go to another worker', async () => {
  const { scheduler } = mesh;
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
  const { scheduler } = mesh;
  const worker = await joinWorker(mesh.worker, {
    slots: 3,
    labels: { zone: 'a' },
    queues: ['b', 'default'],
  });
  scheduler.enqueue({});
  worker.accept(await worker.lease(1));
  await eventually(async () => (await mesh.api.listWorkers({})).workers[0]?.runningCount === 1, {
    deadlineMs: 60_000,
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

test('an executor that stops sends its workers elsewhere and leaves the map', async () => {
  const { metadata } = mesh;
  const worker = await joinWorker(mesh.worker);
  await until(() => metadata.executors.size === 1, 'the executor is announced');
  await mesh.stopExecutor();
  await until(() => worker.ended !== undefined, 'the session has ended');
  expect(worker.heard.map(({ case: kind }) => kind)).toContain('goAway');
  expect(metadata.executors.size).toBe(0);
});
