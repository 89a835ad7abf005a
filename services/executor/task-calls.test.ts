// What else a running task may ask for: kept state, events of assets, runs, states of tasks.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StateScope } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { startTestMesh, type TestMesh } from './testing/mesh.ts';
import { joinWorker } from './testing/worker.ts';

let mesh: TestMesh;
let attemptToken: string;
const inlets = [{ kind: { case: 'asset' as const, value: { name: 'orders' } } }];
const outlets = [
  { kind: { case: 'asset' as const, value: { uri: 's3://sales' } } },
  { kind: { case: 'alias' as const, value: 'somewhere' } },
];
beforeEach(async () => {
  mesh = await startTestMesh();
  const worker = await joinWorker(mesh.worker);
  mesh.scheduler.enqueue({ taskId: 'copy', lease: { inlets, outlets, mapIndex: 1 } });
  ({ attemptToken } = await worker.lease(1));
});
afterEach(() => mesh.stop());

const reason = (call: Promise<unknown>) => call.then(() => undefined, reasonOf);
const own = { scope: StateScope.TASK_INSTANCE, key: 'cursor' };
const ofAsset = (assetName: string) => ({ scope: StateScope.ASSET, assetName, key: 'cursor' });

test('a task keeps a value, reads it, and forgets it, as often as it likes', async () => {
  const { worker } = mesh;
  expect(await reason(worker.getState({ attemptToken, ...own }))).toBe('state_not_found');
  for (const valueJson of ['{"page":1}', '2']) {
    await worker.setState({ attemptToken, ...own, valueJson });
    expect((await worker.getState({ attemptToken, ...own })).valueJson).toBe(valueJson);
  }
  await worker.deleteState({ attemptToken, ...own });
  await worker.deleteState({ attemptToken, ...own });
  expect(await reason(worker.getState({ attemptToken, ...own }))).toBe('state_not_found');
});

test('the state of an asset is for tasks that read or make it', async () => {
  const { worker } = mesh;
  for (const asset of ['orders', 's3://sales']) {
    await worker.setState({ attemptToken, ...ofAsset(asset), valueJson: '1' });
    expect((await worker.getState({ attemptToken, ...ofAsset(asset) })).valueJson).toBe('1');
  }
  for (const asset of ['customers', 'somewhere', '']) {
    const set = worker.setState({ attemptToken, ...ofAsset(asset), valueJson: '1' });
    expect(await reason(set)).toBe('asset_not_declared');
    expect(await reason(worker.getState({ attemptToken, ...ofAsset(asset) }))).toBe(
      'asset_not_declared',
    );
    expect(await reason(worker.deleteState({ attemptToken, ...ofAsset(asset) }))).toBe(
      'asset_not_declared',
    );
  }
});

test('after a restart of the executor the ledger says which assets are declared', async () => {
  await mesh.restart();
  mesh.metadata.inlets = inlets;
  await mesh.worker.setState({ attemptToken, ...ofAsset('orders'), valueJson: '1' });
  const other = mesh.worker.getState({ attemptToken, ...ofAsset('s3://sales') });
  expect(await reason(other)).toBe('asset_not_declared');
});

test.each([
  ['that is not JSON', { ...own, valueJson: '{' }],
  ['above 256 KiB', { ...own, valueJson: `"${'x'.repeat(262_143)}"` }],
  ['without a key', { ...own, key: '', valueJson: '1' }],
  ['of nobody', { ...own, scope: StateScope.UNSPECIFIED, valueJson: '1' }],
])('a value %s is not kept', async (_, value) => {
  expect(await reason(mesh.worker.setState({ attemptToken, ...value }))).toBe('bad_request');
  expect(mesh.metadata.states.size).toBe(0);
});

test('events of an asset are found by one of its names', async () => {
  mesh.metadata.assetEvents.push({ id: '1', assetName: 'orders' }, { id: '2', assetName: 'x' });
  const { events } = await mesh.worker.listAssetEvents({ attemptToken, assetName: 'orders' });
  expect(events).toMatchObject([{ id: '1' }]);
  const { worker } = mesh;
  expect(await reason(worker.listAssetEvents({ attemptToken }))).toBe('bad_request');
  const both = { assetName: 'orders', alias: 'somewhere' };
  expect(await reason(worker.listAssetEvents({ attemptToken, ...both }))).toBe('bad_request');
});

test('a run is triggered under the id that the task chose, once', async () => {
  const trigger = { attemptToken, dagId: 'other', key: 'k', runId: 'mine', confJson: '{"a":1}' };
  expect((await mesh.worker.triggerDagRun(trigger)).runId).toBe('mine');
  await mesh.worker.triggerDagRun(trigger);
  const [first, second] = mesh.scheduler.triggers;
  expect(first).toMatchObject({ dagId: 'other', runId: 'mine', confJson: '{"a":1}' });
  expect(second?.requestId).toBe(first?.requestId);
});

test('states of mapped instances are named by their index', async () => {
  const { states } = await mesh.worker.getTaskStates({ attemptToken });
  expect(states).toEqual({ 'copy[1]': 'running' });
});
