// Watchers of assets reach the owners of the assets' partitions, and only owners record what they
// saw.
import { createHash } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { beforeEach, describe, expect, test } from 'vitest';
import type { TriggerSpecSchema } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { PARTITIONS_COUNT, partitionOf } from '#kernel/partition/partition.ts';
import { anAssetEvent, ledgerOf, refusal, storeDag } from '../../testing/builders.ts';
import { useMetadata } from '../../testing/use-metadata.ts';

const { metadata, scheduler, rowsOf } = useMetadata();
/** An asset and a DAG of their own for each test. */
let asset: string;
let dagId: string;
let testsCount = 0;

beforeEach(() => {
  testsCount += 1;
  asset = `asset_${testsCount}`;
  dagId = `dag_${testsCount}`;
});
const fileAt = (path: string): MessageInitShape<typeof TriggerSpecSchema> => ({
  kind: { case: 'file', value: { path } },
});

/** A DAG whose asset is watched by files, by the watchers' names. */
const storeWatching = (
  id: string,
  paths: { readonly [name: string]: string },
  isPausedUponCreation = false,
) => {
  const watchers = Object.entries(paths).map(([name, path]) => ({ name, trigger: fileAt(path) }));
  return storeDag(metadata, {
    dagId: id,
    isPausedUponCreation,
    assets: [{ name: asset, watchers }],
  });
};

async function listed(partitions: readonly number[] = [partitionOf(asset)]) {
  const watchers = [];
  for await (const page of ledgerOf(metadata).listAssetWatchers({ partitions: [...partitions] })) {
    watchers.push(...page.watchers.filter(({ assetName }) => assetName === asset));
  }
  return watchers;
}

const inShort = async () =>
  (await listed()).map(({ watcherName, trigger, dagId: of }) => {
    const path = trigger?.kind.case === 'file' ? trigger.kind.value.path : '';
    return `${watcherName} ${path} ${of}`;
  });

const pause = (id: string, isPaused: boolean) =>
  scheduler.commit({ pauses: [{ dagId: id, isPaused }] }, id);

describe('the watchers of a partition', () => {
  test('are those of its assets, wherever the DAGs are that define them', async () => {
    await storeWatching(dagId, { drop: '/in/a', mail: '/in/b' });
    expect(await inShort()).toEqual([`drop /in/a ${dagId}`, `mail /in/b ${dagId}`]);
    const others = Array.from({ length: PARTITIONS_COUNT }, (_, partition) => partition).filter(
      (partition) => partition !== partitionOf(asset),
    );
    expect(await listed(others)).toEqual([]);
  });

  test('come once, as the first DAG defines them', async () => {
    await storeWatching(`${dagId}_b`, { drop: '/in/b', mail: '/in/same' });
    await storeWatching(`${dagId}_a`, { drop: '/in/a', mail: '/in/same' });
    expect(await inShort()).toEqual([`drop /in/a ${dagId}_a`, `mail /in/same ${dagId}_a`]);
  });

  test('change their hash with their trigger only', async () => {
    const hash = async () => (await listed()).map(({ definitionSha256 }) => [...definitionSha256]);
    await storeWatching(dagId, { drop: '/in/a' });
    const before = await hash();
    await storeWatching(dagId, { drop: '/in/a', mail: '/in/b' });
    expect((await hash())[0]).toEqual(before[0]);
    await storeWatching(dagId, { drop: '/in/c' });
    expect(await hash()).not.toEqual(before);
  });

  test('are without those of DAGs that are paused or gone', async () => {
    await storeWatching(`${dagId}_a`, { drop: '/in/a' });
    await storeWatching(`${dagId}_b`, { drop: '/in/b' }, true);
    await pause(`${dagId}_a`, true);
    expect(await inShort()).toEqual([]);
    await pause(`${dagId}_b`, false);
    expect(await inShort()).toEqual([`drop /in/b ${dagId}_b`]);
    await metadata.as('dag-processor', CatalogService).removeDagFiles({ paths: [`${dagId}_b.ts`] });
    expect(await inShort()).toEqual([]);
  });

  test('come with the last update that each saw', async () => {
    await storeWatching(dagId, { drop: '/in/a' });
    expect(await listed()).toMatchObject([{ lastEventSha256: new Uint8Array() }]);
    const saw = (extraJson: string, ms: number, actor = 'watcher:drop') =>
      anAssetEvent({
        assetName: asset,
        extraJson,
        timestamp: toTimestamp(ms),
        sourceDagId: '',
        actor,
      });
    const events = [saw('{"paths":["é"]}', 2_000), saw('{}', 1_000), saw('{}', 3_000, 'ada')];
    await metadata.as('api', LedgerService).putAssetEvents({ events });
    const [watcher] = await listed();
    expect(watcher?.lastEventTime).toEqual(toTimestamp(2_000));
    const digest = createHash('sha256').update('{"paths":["é"]}').digest();
    expect(Buffer.from(watcher?.lastEventSha256 ?? '')).toEqual(digest);
  });
});

describe('what a scheduler saw', () => {
  const put = (fences: readonly { partition: number; epoch: bigint }[], by = scheduler.id) =>
    ledgerOf(metadata).putAssetEvents({
      events: [anAssetEvent({ assetName: asset, sourceDagId: '', actor: 'watcher:drop' })],
      schedulerId: by,
      fences: [...fences],
    });
  const fence = () => {
    const partition = partitionOf(asset);
    return { partition, epoch: scheduler.epochs.get(partition) ?? 0n };
  };
  const recorded = async () => {
    const text = `select 1 from asset_event where asset_name = '${asset}'`;
    return (await rowsOf(text)).length;
  };

  test('is recorded while it owns the partition', async () => {
    await storeWatching(dagId, { drop: '/in/a' });
    await put([fence()]);
    expect(await recorded()).toBe(1);
  });

  test('is refused when the partition has another owner or epoch, or it has no session', async () => {
    await storeWatching(dagId, { drop: '/in/a' });
    expect(await refusal(put([{ ...fence(), epoch: fence().epoch - 1n }]))).toBe('stale_epoch');
    expect(await refusal(put([fence()], 'nobody'))).toBe('stale_epoch');
    expect(await recorded()).toBe(0);
  });

  test('needs a fence for its asset', async () => {
    await storeWatching(dagId, { drop: '/in/a' });
    const partition = (partitionOf(asset) + 1) % PARTITIONS_COUNT;
    const other = { partition, epoch: scheduler.epochs.get(partition) ?? 0n };
    expect(await refusal(put([other]))).toBe('bad_request');
    expect(await recorded()).toBe(0);
  });

  test('of an asset that nobody declares is refused', async () => {
    expect(await refusal(put([fence()]))).toBe('asset_not_found');
    expect(await recorded()).toBe(0);
  });
});
