// Who waits for an asset is told each update once, in whatever order the updates were committed.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import pg from 'pg';
import { beforeEach, describe, expect, test } from 'vitest';
import { TaskInstanceState, WaitSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  type AssetPlaceSchema,
  LedgerService,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import {
  anAssetEvent,
  aRun,
  aTaskInstance,
  ledgerOf,
  refusal,
  storeDag,
} from '../../testing/builders.ts';
import { useMetadata } from '../../testing/use-metadata.ts';

const { metadata, scheduler, rowsOf, databaseUrl } = useMetadata();
const NOON_MS = Date.UTC(2026, 0, 1, 12);
let asset: string;
let testsCount = 0;

beforeEach(async () => {
  testsCount += 1;
  asset = `asset_${testsCount}`;
  await storeDag(metadata, { dagId: `dag_${testsCount}`, assets: [{ name: asset }] });
});

type Place = MessageInitShape<typeof AssetPlaceSchema>;
const at = (ms: number): Place => ({ since: toTimestamp(NOON_MS + ms) });

/** What is news to each who asks, by extras, and where they stand then. */
const newsTo = (...places: readonly Place[]) => latestNewsTo(places, 0);

/** So many of them at most; 0 for as many as there may be. */
async function latestNewsTo(places: readonly Place[], limit: number) {
  const query = { attemptToken: 'triggerer', assetName: asset, limit };
  const asked = { query, places: [...places] };
  const { events, news, cursor } = await metadata
    .as('triggerer', LedgerService)
    .listAssetEvents(asked);
  const told = places.map((_, place) =>
    events.filter((_event, at) => news[at]?.places.includes(place)).map((one) => one.extraJson),
  );
  return { told, cursor };
}

const update = (name: string, ms: number) =>
  anAssetEvent({ assetName: asset, extraJson: name, timestamp: toTimestamp(NOON_MS + ms) });
const committed = (name: string, ms: number) =>
  scheduler.commit({ assetEvents: [update(name, ms)] });

/** An update whose transaction is open until `commit`. */
async function begun(name: string, ms: number) {
  const client = new pg.Client({ connectionString: databaseUrl() });
  await client.connect();
  await client.query('begin');
  await client.query(
    `insert into asset_event (id, asset_name, asset_uri, extra, "timestamp", source_dag_id,
       source_run_id, source_task_id, source_map_index, partition_key, actor)
     values ($1, $2, '', $3, to_timestamp($4::float8 / 1000), '', '', '', -1, '', 'ada')`,
    [uuidV7(), asset, name, NOON_MS + ms],
  );
  return {
    commit: async () => {
      await client.query('commit');
      await client.end();
    },
  };
}

describe('an update', () => {
  test('is news once', async () => {
    const first = await newsTo(at(0));
    expect(first.told).toEqual([[]]);
    await committed('1', 10);
    const second = await newsTo({ cursor: first.cursor }, at(0), at(10));
    expect(second.told).toEqual([['1'], ['1'], []]);
    expect((await newsTo({ cursor: second.cursor })).told).toEqual([[]]);
  });

  test('that is committed last though its time is earlier is news still, once', async () => {
    const { cursor: before } = await newsTo(at(0));
    const late = await begun('early', 10);
    await committed('later', 20);
    const first = await newsTo({ cursor: before });
    expect(first.told).toEqual([['later']]);
    await late.commit();
    const second = await newsTo({ cursor: first.cursor });
    expect(second.told).toEqual([['early']]);
    expect((await newsTo({ cursor: second.cursor })).told).toEqual([[]]);
    expect((await newsTo({ cursor: before })).told).toEqual([['later', 'early']]);
  });

  test('is told to whom it is the only news, though others have too much that is later', async () => {
    const { cursor: before } = await newsTo(at(0));
    const late = await begun('early', 10);
    await committed('later', 20);
    const { cursor } = await newsTo({ cursor: before });
    await late.commit();
    const { told } = await latestNewsTo([{ cursor }, { cursor: before }], 1);
    expect(told).toEqual([['early'], ['early']]);
  });

  test('that was committed after a task began to wait is news to it, whatever its time', async () => {
    await committed('seen before', -20);
    const late = await begun('early', -10);
    const waitId = await aTaskThatWaits();
    expect((await newsTo({ ...at(0), waitId })).told).toEqual([[]]);
    await late.commit();
    await committed('later', 20);
    expect((await newsTo({ ...at(0), waitId })).told).toEqual([['later', 'early']]);
    expect((await newsTo(at(0))).told).toEqual([['later']]);
  });

  test('tells no extras that are too large for a trigger', async () => {
    await committed('x'.repeat(2_049), 10);
    await committed('y'.repeat(2_048), 20);
    expect((await newsTo(at(0))).told).toEqual([['y'.repeat(2_048), '']]);
  });

  test('of before this order was kept is told by its time', async () => {
    await committed('1', 10);
    await rowsOf(`update asset_event set transaction_id = null where asset_name = '${asset}'`);
    expect((await newsTo(at(0), { cursor: '1:1:' })).told).toEqual([['1'], []]);
  });
});

describe('a cursor', () => {
  test('of a database that was restored since counts as none', async () => {
    await committed('1', 10);
    const cursor = '900000000:900000001:900000000';
    expect((await newsTo({ cursor, ...at(0) }, { cursor, ...at(10) })).told).toEqual([['1'], []]);
  });

  test('that is none is refused', async () => {
    expect(await refusal(newsTo({ cursor: 'yesterday' }))).toBe('bad_request');
  });

  test('of a watcher is kept with the update it saw, and begins with its definition', async () => {
    const dagId = `watch_${testsCount}`;
    const trigger = { kind: { case: 'asset', value: { assetName: asset } } } as const;
    const assets = [{ name: dagId, watchers: [{ name: 'orders', trigger }] }];
    await committed('1', 10);
    await storeDag(metadata, { dagId, assets });
    await committed('2', 5);
    const fresh = await cursorOf(dagId);
    expect((await newsTo({ cursor: fresh })).told).toEqual([['2']]);
    const { cursor } = await newsTo({ cursor: fresh });
    const partition = partitionOf(dagId);
    await ledgerOf(metadata).putAssetEvents({
      events: [anAssetEvent({ assetName: dagId, sourceDagId: '', actor: 'watcher:orders' })],
      schedulerId: scheduler.id,
      fences: [{ partition, epoch: scheduler.epochs.get(partition) ?? 0n }],
      assetCursor: cursor,
      watcherName: 'orders',
    });
    expect(await cursorOf(dagId)).toBe(cursor);
  });
});

/** Where the ledger says that the one watcher of an asset stands. */
async function cursorOf(assetName: string): Promise<string | undefined> {
  const asked = { partitions: [partitionOf(assetName)] };
  for await (const { watchers } of ledgerOf(metadata).listAssetWatchers(asked)) {
    const found = watchers.find((watcher) => watcher.assetName === assetName);
    if (found !== undefined) return found.assetCursor;
  }
  return undefined;
}

/** A task instance that begins to wait with this commit; answers its wait. */
async function aTaskThatWaits(): Promise<string> {
  const dagId = `dag_${testsCount}`;
  const { dag } = await ledgerOf(metadata).loadDag({ dagId });
  const run = aRun({ dagId, dagVersionId: dag?.dagVersionId ?? 0n });
  const running = aTaskInstance({ dagRunId: run.id, state: TaskInstanceState.RUNNING });
  await scheduler.commit({ newRuns: [run], newTaskInstances: [running] }, dagId);
  const waitId = uuidV7();
  const wait = create(WaitSchema, { waitId });
  const waiting = { ...running, state: TaskInstanceState.DEFERRED, wait };
  await scheduler.commit({ changedTaskInstances: [waiting] }, dagId);
  // What changes without ending the wait leaves its beginning as it was.
  await scheduler.commit({ changedTaskInstances: [{ ...waiting, note: 'still here' }] }, dagId);
  return waitId;
}
