// What DAGs say about assets is stored with them, and goes with them.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { beforeEach, describe, expect, test } from 'vitest';
import type { DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { messageOf } from '#kernel/errors/errors.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { aDag, anAssetEvent, ledgerOf, refusal } from '../testing/builders.ts';
import { useMetadata } from '../testing/use-metadata.ts';

const { metadata, scheduler, rowsOf } = useMetadata();
/** A DAG and an asset of their own for each test. */
let dagId: string;
let asset: string;
let testsCount = 0;

beforeEach(() => {
  testsCount += 1;
  dagId = `dag_${testsCount}`;
  asset = `asset_${testsCount}`;
});
const catalog = () => metadata.as('dag-processor', CatalogService);
const put = (path: string, ...dags: MessageInitShape<typeof DagSpecSchema>[]) =>
  catalog().putDagFile({ path, digest: '1', dags: dags.map((init) => aDag(init)) });
const assetRow = async (name: string) => {
  const [row] = await rowsOf(`select uri, group_name, extra, is_active from asset
    where name = '${name}'`);
  return row;
};
const queuedCount = async (id: string) => {
  const partitions = [partitionOf(id)];
  const { deliveries } = await ledgerOf(metadata).loadDeliveries({ partitions });
  return deliveries.filter((delivery) => delivery.dagId === id).length;
};
const awaiting = (...names: string[]) => {
  const expressions = names.map((name) => ({ kind: { case: 'asset', value: { name } } }) as const);
  const condition = { kind: { case: 'any', value: { expressions } } } as const;
  return { timetable: { kind: { case: 'asset', value: { condition } } } } as const;
};

describe('assets', () => {
  test('are stored as the newest version declares them', async () => {
    const first = { name: asset, uri: 's3://a', group: 'g', extraJson: '{"a":1}' };
    await put('a.ts', { dagId, assets: [first] });
    expect(await assetRow(asset)).toEqual({
      uri: 's3://a',
      group_name: 'g',
      extra: '{"a":1}',
      is_active: true,
    });
    await put('a.ts', { dagId, assets: [{ ...first, uri: '', group: '' }] });
    expect(await assetRow(asset)).toMatchObject({ uri: asset, group_name: '' });
  });

  test('are inactive while no DAG declares them', async () => {
    const assets = [{ name: asset }];
    await put(`${dagId}.ts`, { dagId, assets });
    await put(`${dagId}_b.ts`, { dagId: `${dagId}_b`, assets });
    await put(`${dagId}.ts`, { dagId });
    expect(await assetRow(asset)).toMatchObject({ is_active: true });
    await catalog().removeDagFiles({ paths: [`${dagId}_b.ts`] });
    expect(await assetRow(asset)).toMatchObject({ is_active: false });
    await put(`${dagId}_b.ts`, { dagId: `${dagId}_b`, assets });
    expect(await assetRow(asset)).toMatchObject({ is_active: true });
  });

  test('are read and made by the tasks that say so', async () => {
    const port = { kind: { case: 'asset', value: { name: asset } } } as const;
    const alias = { kind: { case: 'alias', value: `${asset}_alias` } } as const;
    const task = { queue: 'default', pool: 'default_pool' };
    await put(`${dagId}.ts`, {
      dagId,
      assets: [{ name: asset }],
      tasks: [
        { ...task, taskId: 'make', outlets: [port, alias] },
        { ...task, taskId: 'read', inlets: [port] },
      ],
    });
    expect(
      await rowsOf(`select task_id, direction, ref_kind, ref from task_asset_port
        where dag_id = '${dagId}' order by task_id, ref_kind`),
    ).toEqual([
      { task_id: 'make', direction: 'outlet', ref_kind: 'alias', ref: `${asset}_alias` },
      { task_id: 'make', direction: 'outlet', ref_kind: 'name', ref: asset },
      { task_id: 'read', direction: 'inlet', ref_kind: 'name', ref: asset },
    ]);
    expect(await rowsOf(`select name from asset_alias where name = '${asset}_alias'`)).toHaveLength(
      1,
    );
  });
});

describe('a conflict', () => {
  const importErrorOf = async (path: string) =>
    (await rowsOf(`select error from dag_file where path = '${path}'`))[0]?.error;

  test.each([
    ['one name at two URIs', { name: '', uri: 's3://other' }],
    ['one URI under two names', { name: '_other', uri: 's3://first' }],
  ])('of %s is the import error of the later file and names both', async (_, later) => {
    const uri = later.uri === 's3://first' ? `s3://first/${asset}` : later.uri;
    const first = { name: asset, uri: `s3://first/${asset}` };
    const second = { name: `${asset}${later.name}`, uri };
    await put(`${dagId}.ts`, { dagId, assets: [first] });
    const path = `${dagId}_b.ts`;
    const call = put(path, { dagId: `${dagId}_b`, assets: [second] });
    expect(await refusal(call)).toBe('asset_conflict');
    const error = await importErrorOf(path);
    for (const word of [first.name, first.uri, second.name, second.uri, dagId]) {
      expect(error).toContain(word);
    }
    expect(await assetRow(asset)).toMatchObject({ uri: first.uri });
    await catalog().removeDagFiles({ paths: [`${dagId}.ts`] });
    await put(path, { dagId: `${dagId}_b`, assets: [second] });
    expect(await assetRow(second.name)).toMatchObject({ uri: second.uri, is_active: true });
  });

  test('within one file is found as well', async () => {
    const call = put(
      `${dagId}.ts`,
      { dagId, assets: [{ name: asset, uri: 's3://one' }] },
      { dagId: `${dagId}_b`, assets: [{ name: asset, uri: 's3://two' }] },
    );
    const error = await call.catch((reason: unknown) => reason);
    expect(messageOf(error)).toContain('s3://one');
    expect(messageOf(error)).toContain('s3://two');
    expect(await importErrorOf(`${dagId}.ts`)).toBe(messageOf(error));
  });

  test('is none when the one file that declares an asset moves it', async () => {
    await put(`${dagId}.ts`, { dagId, assets: [{ name: asset, uri: 's3://old' }] });
    await put(`${dagId}.ts`, {
      dagId: `${dagId}_renamed`,
      assets: [{ name: asset, uri: 's3://new' }],
    });
    expect(await assetRow(asset)).toMatchObject({ uri: 's3://new', is_active: true });
  });
});

describe('what waits for a DAG', () => {
  test('goes when the DAG goes, and when its schedule does not await it any more', async () => {
    const other = `${asset}_other`;
    await put(`${dagId}.ts`, { dagId, ...awaiting(asset, other) });
    await scheduler.commit({
      assetEvents: [anAssetEvent({ assetName: asset }), anAssetEvent({ assetName: other })],
    });
    expect(await queuedCount(dagId)).toBe(2);
    await put(`${dagId}.ts`, { dagId, ...awaiting(other) });
    expect(await queuedCount(dagId)).toBe(1);
    await catalog().removeDagFiles({ paths: [`${dagId}.ts`] });
    expect(await queuedCount(dagId)).toBe(0);
    await scheduler.commit({ assetEvents: [anAssetEvent({ assetName: other })] });
    expect(await queuedCount(dagId)).toBe(0);
  });

  test('is for the DAG again once its file is back as it was', async () => {
    await put(`${dagId}.ts`, { dagId, ...awaiting(asset) });
    await catalog().removeDagFiles({ paths: [`${dagId}.ts`] });
    await put(`${dagId}.ts`, { dagId, ...awaiting(asset) });
    await scheduler.commit({ assetEvents: [anAssetEvent({ assetName: asset })] });
    expect(await queuedCount(dagId)).toBe(1);
  });
});

test('a name that no index can hold is refused with a sentence, not as our mistake', async () => {
  const name = Array.from({ length: 1_500 }, (_, n) => String.fromCodePoint(0x4e00 + 7 * n)).join(
    '',
  );
  const dags = [aDag({ dagId: 'long_names', assets: [{ name }] })];
  const catalog = metadata.as('dag-processor', CatalogService);
  const put = catalog.putDagFile({ path: 'long_names.ts', digest: '1', dags });
  expect(await refusal(put)).toBe('bad_request');
});
