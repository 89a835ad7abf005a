// What people see of assets: who makes and awaits them, their updates, and what is queued.
import { beforeAll, describe, expect, test } from 'vitest';
import { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { aRun, loadPicture, refusal, storeDag } from '../testing/builders.ts';
import { useMetadata } from '../testing/use-metadata.ts';

const { metadata, scheduler, rowsOf } = useMetadata();

const ROWS = { name: 'rows', uri: 's3://lake/rows', group: 'lake' };
const FILES = { name: 'files', uri: 's3://lake/files' };
const start = Date.UTC(2026, 0, 1);

beforeAll(async () => {
  const port = (name: string, uri = '') => ({
    kind: { case: 'asset' as const, value: { name, uri } },
  });
  const handler = 'etl.ts:load';
  await storeDag(metadata, {
    dagId: 'etl',
    assets: [ROWS, FILES],
    tasks: [
      { taskId: 'load', handler, outlets: [port('rows')], inlets: [port('', FILES.uri)] },
      { taskId: 'fetch', handler, outlets: [port('', FILES.uri)] },
    ],
  });
  const all = {
    expressions: ['rows', 'files'].map((name) => ({
      kind: { case: 'asset' as const, value: { name } },
    })),
  };
  await storeDag(metadata, {
    dagId: 'report',
    assets: [ROWS, FILES],
    timetable: {
      kind: { case: 'asset', value: { condition: { kind: { case: 'all', value: all } } } },
    },
    isPausedUponCreation: false,
  });
});
const query = () => metadata.as('api', QueryService);

/** Somebody from outside says that `rows` was updated. */
async function updated(seconds: number, init: { extraJson?: string; partitionKey?: string } = {}) {
  const event = {
    id: uuidV7(start + seconds * 1_000),
    assetName: 'rows',
    assetUri: ROWS.uri,
    timestamp: toTimestamp(start + seconds * 1_000),
    sourceMapIndex: -1,
    actor: 'ada',
    ...init,
  };
  await metadata.as('api', LedgerService).putAssetEvents({ events: [event] });
  return event.id;
}

describe('assets', () => {
  test('are listed by name, with how many make and await them', async () => {
    const { page } = await query().listAssets({ query: { contains: 'lake' } });
    expect(page?.assets).toMatchObject([
      { name: 'files', producersCount: 1, consumersCount: 1, isActive: true },
      { name: 'rows', group: 'lake', producersCount: 1, consumersCount: 1 },
    ]);
    const names = async (filter: { contains?: string; dagId?: string }) => {
      const answer = await query().listAssets({ query: filter });
      return answer.page?.assets.map(({ name }) => name);
    };
    expect(await names({ contains: 'ows' })).toEqual(['rows']);
    expect(await names({ dagId: 'report' })).toEqual(['files', 'rows']);
    expect(await refusal(names({ dagId: 'nope' }))).toBe('dag_not_found');
  });

  test('tell by name and by URI who makes, reads and awaits them', async () => {
    const place = { assetName: '', assetUri: FILES.uri };
    const { answer } = await query().getAsset({ query: place });
    expect(answer).toMatchObject({
      asset: { name: 'files' },
      producers: [{ dagId: 'etl', taskId: 'fetch' }],
      readers: [{ dagId: 'etl', taskId: 'load' }],
      consumers: [{ dagId: 'report', taskId: '' }],
    });
    const byName = await query().getAsset({ query: { assetName: 'rows' } });
    expect(byName.answer?.producers).toMatchObject([{ dagId: 'etl', taskId: 'load' }]);
    const unknown = query().getAsset({ query: { assetName: 'nope' } });
    expect(await refusal(unknown)).toBe('asset_not_found');
  });
});

describe('updates', () => {
  test('are listed latest first, by asset, time and source', async () => {
    const ids = [await updated(1), await updated(2, { extraJson: '{"n":2}' }), await updated(3)];
    const found = async (filter: object) => {
      const { page } = await query().browseAssetEvents({ query: filter });
      return page?.events.map(({ id }) => id);
    };
    expect(await found({ assetName: 'rows' })).toEqual(ids.toReversed());
    expect(await found({ timestampFrom: toTimestamp(start + 2_000) })).toEqual([ids[2], ids[1]]);
    expect(await found({ assetName: 'files' })).toEqual([]);
    expect(await found({ sourceDagId: 'etl' })).toEqual([]);
    const first = await query().browseAssetEvents({ query: { pageSize: 2 } });
    const pageToken = first.page?.nextPageToken ?? '';
    expect(await found({ pageSize: 2, pageToken })).toEqual([ids[0]]);
  });

  test('that started a run are shown with it', async () => {
    const id = await updated(10);
    const run = aRun({ dagId: 'report', runId: 'asset_triggered__1' });
    const consumed = { dagId: 'report', dagRunId: run.id, eventIds: [id] };
    await scheduler.commit({ newRuns: [run], consumedDeliveries: [consumed] }, 'report');
    const answer = await query().getDagRun({ dagId: 'report', runId: run.runId });
    expect(answer.run?.assetEvents).toMatchObject([{ id, assetName: 'rows', actor: 'ada' }]);
  });
});

describe('the queue of a DAG', () => {
  test('is listed oldest first, and emptied by hand', async () => {
    const ids = [await updated(20), await updated(21)];
    const queued = async (assetName: string) => {
      const asked = { dagId: 'report', assetName };
      const { page } = await query().listQueuedEvents({ query: asked });
      return page?.events.map(({ id }) => id) ?? [];
    };
    expect((await queued('rows')).slice(-2)).toEqual(ids);
    expect(await queued('files')).toEqual([]);
    const empty = (assetName: string) =>
      query().deleteQueuedEvents({ query: { dagId: 'report', assetName }, actor: 'bob' });
    expect((await empty('files')).answer?.deletedCount).toBe(0);
    const count = (await queued('')).length;
    expect((await empty('rows')).answer?.deletedCount).toBe(count);
    expect((await loadPicture(metadata, 'report')).deliveries).toEqual([]);
    const rows = await rowsOf(
      `select actor, dag_id, details_json from audit_log where action = 'delete_queued_events'`,
    );
    expect(rows).toMatchObject([{ actor: 'bob', dag_id: 'report' }]);
    const unknown = query().listQueuedEvents({ query: { dagId: 'nope' } });
    expect(await refusal(unknown)).toBe('dag_not_found');
  });
});

describe('watchers', () => {
  test('are shown with what they wait for, and whether anybody does', async () => {
    const trigger = { kind: { case: 'file' as const, value: { path: '/in/*.csv' } } };
    const watched = (dagId: string, isPausedUponCreation: boolean) =>
      storeDag(metadata, {
        dagId,
        isPausedUponCreation,
        assets: [{ name: 'drops', watchers: [{ name: 'drop', trigger }] }],
      });
    const watchers = async () => {
      const { answer } = await query().getAsset({ query: { assetName: 'drops' } });
      return answer?.watchers;
    };
    await watched('a_watch', true);
    expect(await watchers()).toMatchObject([
      { name: 'drop', trigger, dagId: 'a_watch', isWatching: false },
    ]);
    await watched('b_watch', false);
    const event = {
      id: uuidV7(start),
      assetName: 'drops',
      timestamp: toTimestamp(start),
      sourceMapIndex: -1,
      actor: 'watcher:drop',
    };
    await metadata.as('api', LedgerService).putAssetEvents({ events: [event] });
    expect(await watchers()).toMatchObject([
      { name: 'drop', dagId: 'b_watch', isWatching: true, lastEventTime: toTimestamp(start) },
    ]);
  });
});
