// What a lease brings along: resolved arguments, connections, and whatever the scheduler filled in.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type MessageInitShape } from '@bufbuild/protobuf';
import {
  AttemptEnd,
  type ValueReferenceSchema,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { FailureReason } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { AttemptStatus } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { eventually } from '../../tests/kit/wait.ts';
import { startTestMesh, type TestMesh } from './testing/mesh.ts';
import { joinWorker } from './testing/worker.ts';
import { xcom } from './testing/xcoms.ts';

let mesh: TestMesh;
beforeEach(async () => {
  mesh = await startTestMesh();
});
afterEach(() => mesh.stop());

type Reference = MessageInitShape<typeof ValueReferenceSchema>;

const series = (taskId: string): Reference => ({ kind: { case: 'series', value: { taskId } } });
const list = (...values: Reference[]): Reference => ({ kind: { case: 'list', value: { values } } });
const addresses = () => mesh.metadata.xcomReads.flatMap((read) => read.addresses);

async function firstFailure() {
  const { recorded } = mesh.scheduler;
  await eventually(() => recorded.length === 1, { deadlineMs: 60_000, what: 'it was recorded' });
  return recorded[0];
}

test('upstream values and declared connections travel inside the lease', async () => {
  const { scheduler, metadata } = mesh;
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
  const { scheduler, metadata } = mesh;
  const worker = await joinWorker(mesh.worker);
  const names = Array.from({ length: 13 }, (_, number) => `n${number}`);
  for (const name of names) metadata.xcoms.set(`extract/${name}`, `"${'x'.repeat(262_000)}"`);
  scheduler.enqueue({
    inputs: names.map((key) => ({ name: key, value: xcom({ taskId: 'extract', key }) })),
  });
  expect(await firstFailure()).toMatchObject({
    end: AttemptEnd.FAILED,
    error: { reason: FailureReason.LIMIT },
  });
  scheduler.enqueue({ taskId: 'small' });
  expect((await worker.lease(1)).taskId).toBe('small');
});

test('mapped instances get their elements, and what they share is read once', async () => {
  mesh.metadata.xcoms.set('list/return_value', '[{"n":1},{"n":2}]');
  mesh.metadata.xcoms.set('config/return_value', '"same"');
  const worker = await joinWorker(mesh.worker, { slots: 2 });
  const task = (element: number) => ({
    inputs: [
      { name: '', value: xcom({ taskId: 'list', element }) },
      { name: 'config', value: xcom({ taskId: 'config' }) },
    ],
    lease: { mapIndex: element },
  });
  mesh.scheduler.enqueue(task(0), task(1));
  await worker.lease(2);
  const inputs = worker.leases.map(({ mapIndex, inputsJson }) => [mapIndex, inputsJson]);
  expect(inputs).toEqual([
    [0, '{"n":1,"config":"same"}'],
    [1, '{"n":2,"config":"same"}'],
  ]);
  expect(mesh.metadata.xcomReads).toHaveLength(1);
  expect(addresses()).toHaveLength(3);
});

test('lists of values and all instances of a mapped task travel inside the lease', async () => {
  mesh.metadata.xcoms.set('up[1]/return_value', '1');
  mesh.metadata.xcoms.set('up[0]/return_value', '0');
  const worker = await joinWorker(mesh.worker);
  const value = list(series('up'), { kind: { case: 'valueJson', value: 'true' } });
  mesh.scheduler.enqueue({ inputsJson: '{"a":"b"}', inputs: [{ name: 'all', value }] });
  expect((await worker.lease(1)).inputsJson).toBe('{"a":"b","all":[[0,1],true]}');
});

test('what does not fit one answer of the ledger is read in several', async () => {
  const names = Array.from({ length: 9 }, (_, number) => `k${number}`);
  for (const name of names) mesh.metadata.xcoms.set(`up/${name}`, `"${'x'.repeat(90)}"`);
  mesh.metadata.xcomAnswerMax = 200;
  const worker = await joinWorker(mesh.worker);
  const inputs = names.map((key) => ({ name: key, value: xcom({ taskId: 'up', key }) }));
  mesh.scheduler.enqueue({ inputs });
  const resolved = JSON.parse((await worker.lease(1)).inputsJson) as Record<string, string>;
  expect(Object.keys(resolved)).toEqual(names);
});

test('instances that together are too large for a lease fail the task', async () => {
  for (const index of [0, 1, 2]) mesh.metadata.xcoms.set(`up[${index}]/return_value`, '"xxxxxxxx"');
  mesh.metadata.xcomAnswerMax = 20;
  await joinWorker(mesh.worker);
  mesh.scheduler.enqueue({ inputs: [{ name: 'all', value: series('up') }] });
  expect(await firstFailure()).toMatchObject({
    end: AttemptEnd.FAILED,
    error: { errorClass: 'LimitExceeded' },
  });
});

test('an element that is gone fails its task, and says which', async () => {
  mesh.metadata.xcoms.set('list/return_value', '[1]');
  const worker = await joinWorker(mesh.worker, { slots: 2 });
  const task = (element: number) => ({
    inputs: [{ name: 'n', value: xcom({ taskId: 'list', element }) }],
  });
  mesh.scheduler.enqueue(task(1), task(0));
  expect((await worker.lease(1)).inputsJson).toBe('{"n":1}');
  const failure = await firstFailure();
  expect(failure).toMatchObject({
    end: AttemptEnd.FAILED,
    error: { errorClass: 'XComForMappingNotPushed' },
  });
  expect(failure?.error?.message).toContain('task list has no element 1');
});

test('a connection that cannot be opened fails its task, and no other of the same burst', async () => {
  mesh.metadata.connections.set('good', 'secret');
  mesh.metadata.brokenConnections.add('bad');
  const worker = await joinWorker(mesh.worker, { slots: 5 });
  const tasks = ['a', 'b', 'c', 'd'].map((taskId) => ({ taskId, connections: ['good'] }));
  mesh.scheduler.enqueue({ taskId: 'broken', connections: ['bad'] }, ...tasks);
  await worker.lease(4);
  expect(worker.leases.map(({ taskId }) => taskId).sort()).toEqual(['a', 'b', 'c', 'd']);
  const failure = await firstFailure();
  expect(failure?.end).toBe(AttemptEnd.FAILED);
  expect(failure?.error?.message).toContain('connection bad was altered');
});

test('what the scheduler filled in reaches the worker as it was', async () => {
  const worker = await joinWorker(mesh.worker);
  const lease = {
    mapIndex: 3,
    inputTransforms: [{ name: 'n', handlers: ['f', 'g'] }],
    resume: { method: 'm', stateJson: '1', eventJson: '{}', error: 'trigger_timeout' },
    waitingSince: { seconds: 1n, nanos: 2 },
    reschedulesCount: 4,
    partitionKey: 'p',
    triggeringAssetEvents: [{ id: 'e', assetName: 'orders', extraJson: '{"rows":1}' }],
    inlets: [{ kind: { case: 'alias' as const, value: 'in' } }],
    outlets: [{ kind: { case: 'asset' as const, value: { name: 'orders' } } }],
    mapIndexTemplate: '{{ n }}',
    bundleName: 'b',
    bundleVersion: 'v',
    expandedTiCount: 5,
    runAfter: { seconds: 6n, nanos: 0 },
  };
  const inputs = [{ name: 'n', value: { kind: { case: 'valueJson' as const, value: '7' } } }];
  mesh.scheduler.enqueue({ lease, inputs });
  expect(await worker.lease(1)).toMatchObject({ ...lease, inputsJson: '{"n":7}' });
  expect(mesh.metadata.xcomReads).toEqual([]);
});

test.each([
  ['names', 'mail', 'mail'],
  ['does not name', '', 'smtp_default'],
])('a mail has the connection that it %s', async (_, connId, resolved) => {
  mesh.metadata.connections.set(resolved, 'secret');
  const worker = await joinWorker(mesh.worker);
  const email = { to: ['a@example.org'], connId };
  mesh.scheduler.enqueue({ lease: { builtIn: { kind: { case: 'email', value: email } } } });
  const { connections, attemptToken } = await worker.lease(1);
  expect(connections).toMatchObject([{ connId: resolved, password: 'secret' }]);
  const { connection } = await mesh.worker.getConnection({ attemptToken, connId: resolved });
  expect(connection?.password).toBe('secret');
});

test('a worker without any of this goes on as ever', async () => {
  const worker = await joinWorker(mesh.worker, { protocolVersion: 1 });
  mesh.scheduler.enqueue({});
  const lease = await worker.lease(1);
  worker.finish(lease);
  expect((await worker.result(lease.attemptId)).status).toBe(AttemptStatus.RECORDED);
});
