// Updates of assets reach each of their consumers once, whatever is repeated, refused or paused.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AssetExpressionSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import {
  anAssetEvent,
  aRun,
  ledgerOf,
  loadPicture,
  refusal,
  storeDag,
} from '../../testing/builders.ts';
import { useMetadata } from '../../testing/use-metadata.ts';

const { metadata, scheduler, rowsOf, another } = useMetadata();
/** An asset and a consumer of their own for each test. */
let asset: string;
let consumer: string;
let testsCount = 0;

beforeEach(() => {
  testsCount += 1;
  asset = `asset_${testsCount}`;
  consumer = `consumer_${testsCount}`;
});
type Expression = MessageInitShape<typeof AssetExpressionSchema>;
const byName = (name: string): Expression => ({ kind: { case: 'asset', value: { name } } });

/** A DAG that is scheduled by assets. */
const storeConsumer = (condition: Expression, dagId = consumer, isPausedUponCreation = false) => {
  const timetable = { kind: { case: 'asset', value: { condition } } } as const;
  const assets = [{ name: asset, uri: `s3://${asset}` }];
  return storeDag(metadata, { dagId, timetable, assets, isPausedUponCreation });
};
const queuedFor = async (dagId: string) => {
  const partitions = [partitionOf(dagId)];
  const { deliveries } = await ledgerOf(metadata).loadDeliveries({ partitions });
  return deliveries.filter((one) => one.dagId === dagId).map((one) => one.event);
};

describe('an update', () => {
  test('waits for the DAGs scheduled by its asset, with all that is known of it', async () => {
    await storeConsumer(byName(asset));
    const event = anAssetEvent({
      assetName: asset,
      extraJson: '{"rows": "\\u0000"}',
      partitionKey: '2026-01',
      sourceMapIndex: 3,
      aliases: ['latest', 'daily'],
    });
    await scheduler.commit({ assetEvents: [event] });
    const stored = { ...event, assetUri: `s3://${asset}`, aliases: ['daily', 'latest'] };
    expect(await queuedFor(consumer)).toEqual([stored]);
    const { deliveries } = await loadPicture(metadata, consumer);
    expect(deliveries).toMatchObject([{ dagId: consumer, event: stored }]);
  });

  test('is found by URI and by alias, and queued once though a DAG names it thrice', async () => {
    const uri = `s3://${asset}`;
    const inUri: Expression = { kind: { case: 'asset', value: { uri } } };
    const inAlias: Expression = { kind: { case: 'alias', value: `${asset}_alias` } };
    const expressions = [byName(asset), inUri, inAlias];
    await storeConsumer({ kind: { case: 'any', value: { expressions } } });
    await storeConsumer(inUri, `${consumer}_uri`);
    await storeConsumer(inAlias, `${consumer}_alias`);
    const plain = anAssetEvent({ id: uuidV7(1), assetName: asset });
    const through = anAssetEvent({
      id: uuidV7(2),
      assetUri: uri,
      assetName: '',
      aliases: [`${asset}_alias`],
    });
    await scheduler.commit({ assetEvents: [plain, through] });
    const idsOf = async (dagId: string) => (await queuedFor(dagId)).map((event) => event?.id);
    expect(await idsOf(consumer)).toEqual([plain.id, through.id]);
    expect(await idsOf(`${consumer}_uri`)).toEqual([plain.id, through.id]);
    expect(await idsOf(`${consumer}_alias`)).toEqual([through.id]);
    expect((await queuedFor(consumer)).map((event) => event?.assetName)).toEqual([asset, asset]);
  });

  test('of an asset that nobody knows makes the asset', async () => {
    await storeConsumer({ kind: { case: 'alias', value: `${asset}_alias` } });
    const assetUri = `s3://new/${asset}`;
    const event = anAssetEvent({ assetName: '', assetUri, aliases: [`${asset}_alias`] });
    await scheduler.commit({ assetEvents: [event] });
    expect(await queuedFor(consumer)).toMatchObject([{ assetName: assetUri, assetUri }]);
    const rows = await rowsOf(`select name, uri, is_active from asset where uri = '${assetUri}'`);
    expect(rows).toEqual([{ name: assetUri, uri: assetUri, is_active: true }]);
  });

  test('does not wait for DAGs that are paused, also not by the same commit, or gone', async () => {
    await storeConsumer(byName(asset), `${consumer}_paused`, true);
    await storeConsumer(byName(asset), `${consumer}_gone`);
    await metadata
      .as('dag-processor', CatalogService)
      .removeDagFiles({ paths: [`${consumer}_gone.ts`] });
    await storeConsumer(byName(asset));
    const paused = { pauses: [{ dagId: consumer, isPaused: true }] };
    const sourceDagId = consumer;
    await scheduler.commit(
      { ...paused, assetEvents: [anAssetEvent({ assetName: asset, sourceDagId })] },
      consumer,
    );
    for (const dagId of [consumer, `${consumer}_paused`, `${consumer}_gone`]) {
      expect(await queuedFor(dagId)).toEqual([]);
    }
  });

  test('is queued once, though its commit is repeated and its id comes again', async () => {
    await storeConsumer(byName(asset));
    const event = anAssetEvent({ assetName: asset });
    const request = scheduler.request({ assetEvents: [event] });
    await scheduler.commit(request);
    await ledgerOf(metadata).commit(request);
    await scheduler.commit({ assetEvents: [event] });
    expect(await queuedFor(consumer)).toEqual([{ ...event, assetUri: `s3://${asset}` }]);
  });
});

test('what waits is read on after any of it, to the newest', async () => {
  await storeConsumer(byName(asset));
  const events = [1, 2, 3].map((ms) => anAssetEvent({ id: uuidV7(ms), assetName: asset }));
  await scheduler.commit({ assetEvents: events });
  const partitions = [partitionOf(consumer)];
  const after = { eventId: events[1]?.id ?? '', dagId: consumer };
  const { deliveries, isCut } = await ledgerOf(metadata).loadDeliveries({ partitions, after });
  const own = deliveries.filter(({ dagId }) => dagId === consumer);
  expect(own.map(({ event }) => event?.id)).toEqual([events[2]?.id]);
  expect(isCut).toBe(false);
});

describe('a consumer', () => {
  test('takes updates with the run they start, once, though the commit is repeated', async () => {
    const dagVersionId = await storeConsumer(byName(asset));
    const events = [1, 2, 3].map((ms) => anAssetEvent({ id: uuidV7(ms), assetName: asset }));
    await scheduler.commit({ assetEvents: events });
    const [first, second, third] = events.map((event) => event.id);
    const runType = RunType.ASSET_TRIGGERED;
    const run = aRun({ dagId: consumer, dagVersionId, runType });
    const request = scheduler.request(
      {
        newRuns: [run],
        consumedDeliveries: [
          { dagId: consumer, dagRunId: run.id, eventIds: [first ?? '', second ?? ''] },
          { dagId: consumer, eventIds: [third ?? ''] },
        ],
      },
      consumer,
    );
    await scheduler.commit(request);
    await ledgerOf(metadata).commit(request);
    expect(await queuedFor(consumer)).toEqual([]);
    const { runAssetEvents } = await loadPicture(metadata, consumer);
    expect(runAssetEvents).toMatchObject([
      { dagRunId: run.id, events: [{ id: first }, { id: second }] },
    ]);
    const loaded = await ledgerOf(metadata).loadRun({ dagId: consumer, runId: run.runId });
    expect(loaded.assetEvents.map((event) => event.id)).toEqual([first, second]);
  });

  test('keeps its updates when the run they would have started is refused', async () => {
    await storeConsumer(byName(asset));
    const event = anAssetEvent({ assetName: asset });
    await scheduler.commit({ assetEvents: [event] });
    const taken = aRun({ dagId: consumer });
    await scheduler.commit({ newRuns: [taken] }, consumer);
    const run = aRun({ dagId: consumer, runId: taken.runId });
    const consumed = { dagId: consumer, dagRunId: run.id, eventIds: [event.id] };
    const { refusedRunIds } = await scheduler.commit(
      { newRuns: [run], consumedDeliveries: [consumed] },
      consumer,
    );
    expect(refusedRunIds).toEqual([run.id]);
    expect((await queuedFor(consumer)).map((one) => one?.id)).toEqual([event.id]);
  });

  test('cannot be robbed by a commit without a fence for its partition', async () => {
    const dagId = ['a', 'b', 'c'].find((id) => partitionOf(id) !== partitionOf('etl')) ?? '';
    for (const changes of [
      { consumedDeliveries: [{ dagId, eventIds: [uuidV7()] }] },
      { assetEvents: [anAssetEvent({ sourceDagId: dagId })] },
    ]) {
      expect(await refusal(scheduler.commit(changes))).toBe('bad_request');
    }
  });
});

test('a watcher hears at once where something waits, and then of each new partition', async () => {
  await storeConsumer(byName(asset));
  await scheduler.commit({ assetEvents: [anAssetEvent({ assetName: asset })] });
  const other = await another();
  const over = new AbortController();
  try {
    const watch = ledgerOf(other).watchDeliveries(
      { schedulerId: scheduler.id },
      { signal: over.signal },
    );
    const heard = watch[Symbol.asyncIterator]();
    const first = await heard.next();
    expect(first.value?.partitions).toContain(partitionOf(consumer));
    await storeConsumer(byName(asset), `${consumer}_second`);
    await scheduler.commit({ assetEvents: [anAssetEvent({ assetName: asset })] });
    const second = await heard.next();
    const partitions = [partitionOf(consumer), partitionOf(`${consumer}_second`)];
    expect(second.value?.partitions.toSorted()).toEqual([...new Set(partitions)].toSorted());
  } finally {
    over.abort();
    await other.stop();
  }
});

describe('updates from outside', () => {
  const put = (...events: Parameters<typeof anAssetEvent>[0][]) => {
    const outside = { sourceDagId: '', sourceRunId: '', sourceTaskId: '', actor: 'ann' };
    const all = events.map((init) => anAssetEvent({ ...outside, ...init }));
    return metadata.as('api', LedgerService).putAssetEvents({ events: all });
  };

  test('are queued like any other, once by their id', async () => {
    await storeConsumer(byName(asset));
    const id = uuidV7();
    await put({ id, assetName: '', assetUri: `s3://${asset}` });
    await put({ id, assetName: asset });
    expect(await queuedFor(consumer)).toMatchObject([
      { id, assetName: asset, assetUri: `s3://${asset}`, actor: 'ann', sourceDagId: '' },
    ]);
  });

  test('are audited once, when a person tells of them', async () => {
    await storeConsumer(byName(asset));
    const id = uuidV7();
    for (const _again of [1, 2]) await put({ id, assetName: asset });
    await put({ assetName: asset, actor: 'watcher:drop' });
    const entries = await rowsOf(`
      select actor, action, details_json::json ->> 'event_id' as event_id
      from audit_log where details_json like '%"${asset}"%'`);
    expect(entries).toEqual([{ actor: 'ann', action: 'create_asset_event', event_id: id }]);
  });

  test('of schedulers need their fences', async () => {
    await storeConsumer(byName(asset));
    const bare = ledgerOf(metadata).putAssetEvents({
      events: [anAssetEvent({ assetName: asset })],
    });
    expect(await refusal(bare)).toBe('bad_request');
    expect(await queuedFor(consumer)).toEqual([]);
  });

  test('of an asset that does not exist are refused, with all beside them', async () => {
    await storeConsumer(byName(asset));
    const unknown = put({ assetName: asset }, { assetName: 'nobody knows it' });
    expect(await refusal(unknown)).toBe('asset_not_found');
    expect(await refusal(put({ assetName: '', assetUri: 's3://nowhere' }))).toBe('asset_not_found');
    expect(await queuedFor(consumer)).toEqual([]);
  });
});

describe('the list of updates', () => {
  test('is by name, URI or alias, within a time, in either order, up to a limit', async () => {
    const at = (minute: number) => toTimestamp(Date.UTC(2026, 2, 1, 0, minute));
    const events = [0, 1, 2, 3, 4].map((minute) =>
      anAssetEvent({
        assetName: asset,
        assetUri: `s3://${asset}`,
        timestamp: at(minute),
        aliases: minute % 2 === 0 ? [`${asset}_even`] : [],
      }),
    );
    const [e0, e1, e2, e3, e4] = events.map((event) => event.id);
    await scheduler.commit({ assetEvents: events.toReversed() });
    const list = async (query: object) => {
      const { events: listed } = await metadata
        .as('executor', LedgerService)
        .listAssetEvents({ query });
      return listed.map((event) => event.id);
    };
    expect(await list({ assetName: asset })).toEqual([e0, e1, e2, e3, e4]);
    expect(await list({ assetUri: `s3://${asset}`, isDescending: true, limit: 2 })).toEqual([
      e4,
      e3,
    ]);
    expect(await list({ alias: `${asset}_even` })).toEqual([e0, e2, e4]);
    expect(await list({ assetName: asset, after: at(1), before: at(4) })).toEqual([e2, e3]);
    expect(await refusal(list({}))).toBe('bad_request');
  });
});
