// Tasks that decide, or tell and ask more than a value: seen from the mesh, through a real worker.
import { fromJson } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { AssetEventSchema } from '../gen/dagmesh/dag/v1/asset_pb.ts';
import { Outcome } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import { useWaitsWorker, valuesOf } from '../testkit/waits.ts';

const { answer, run } = useWaitsWorker();

test('a branch tells which way is followed, and keeps its choice', async () => {
  const report = await run('chooses', { paramsJson: '{"way":"left"}' });
  expect(report.direction?.kind).toMatchObject({ case: 'branch', value: { followIds: ['left'] } });
  expect(valuesOf(report)).toEqual({ return_value: 'left' });
});

test('a short circuit tells that nothing is followed, and keeps its condition', async () => {
  const report = await run('stops_short');
  expect(report.direction?.kind).toMatchObject({
    case: 'shortCircuit',
    value: { respectsTriggerRules: false },
  });
  expect(valuesOf(report)).toEqual({ return_value: [] });
});

test('several outputs are XComs of their own, and no output is none', async () => {
  expect(valuesOf(await run('returns_parts'))).toEqual({
    return_value: { a: 1, b: [2] },
    a: 1,
    b: [2],
  });
  expect(await run('keeps_nothing')).toMatchObject({ outcome: Outcome.SUCCESS, xcoms: [] });
});

test('updates of assets are told with the success', async () => {
  const outlets = [{ kind: { case: 'alias' as const, value: 'found' } }];
  const { assetUpdates } = await run('updates', { outlets });
  expect(assetUpdates).toMatchObject([
    { asset: { name: 'rain', uri: 's3://bucket/rain' }, extraJson: '{"rows":3}', alias: '' },
    { asset: { name: 'snow', uri: '' }, extraJson: '', alias: 'found', partitionKey: '2026' },
  ]);
});

test('an alias that is no outlet stands for nothing', async () => {
  const { outcome, error } = await run('updates_strangely');
  expect(outcome).toBe(Outcome.FAILED);
  expect(error?.message).toContain('the alias "lost" is none of the task\'s outlets');
});

test('a task sees the updates that started its run, and earlier ones', async () => {
  const told: Record<string, unknown>[] = [];
  const event = fromJson(AssetEventSchema, {
    assetName: 'rain',
    extraJson: '{"rows":3}',
    sourceDagId: 'd',
    sourceTaskId: 'make',
    sourceMapIndex: -1,
  });
  answer('listAssetEvents', (request) => {
    told.push(request);
    return { events: [event, event] };
  });
  const outside = fromJson(AssetEventSchema, { assetName: 'sun' });
  const report = await run('told_of_assets', {
    triggeringAssetEvents: [event, outside],
    partitionKey: '2026-01',
  });
  expect(valuesOf(report)).toEqual({
    return_value: {
      triggering: [
        { assetName: 'rain', extra: { rows: 3 }, source: 'make' },
        { assetName: 'sun', extra: {}, source: 'outside' },
      ],
      partitionKey: '2026-01',
      listed: 2,
    },
  });
  expect(told[0]).toMatchObject({ assetName: 'rain', limit: 2, after: { seconds: 0n } });
});

test('a task instance and an asset keep values', async () => {
  const told: Record<string, unknown>[] = [];
  const note = (request: Record<string, unknown>) => {
    told.push(request);
    return {};
  };
  answer('setState', note);
  answer('deleteState', note);
  answer('getState', ({ key }) => ({ valueJson: key === 'seen' ? '[1]' : '"other"' }));
  expect(valuesOf(await run('keeps_state'))).toEqual({ return_value: [[1], 'other'] });
  expect(told).toMatchObject([
    { scope: 1, key: 'seen', valueJson: '[1]' },
    { scope: 2, assetName: 'rain', key: 'mark', valueJson: '"x"' },
    { scope: 1, key: 'old' },
  ]);
});

test('XComs are pulled from other runs, by instances and slices; run ids may be chosen', async () => {
  const told: Record<string, unknown>[] = [];
  answer('pullXCom', (request) => {
    told.push(request);
    return { valueJson: '[1,null]' };
  });
  answer('triggerDagRun', ({ runId }) => ({ runId }));
  expect(valuesOf(await run('pulls'))).toEqual({ return_value: ['mine', [1, null]] });
  expect(told[0]).toMatchObject({
    taskId: 'rows',
    dagId: 'd2',
    runId: 'r2',
    includePriorDates: true,
    mapIndexes: [2, 0],
    slice: { start: -2, step: 1 },
  });
});
