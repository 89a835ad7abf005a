// Updates of assets: recorded with their queues in one statement, read for tasks and triggers.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AssetEvent, AssetEventSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { PutAssetEventsRequest } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { ListAssetEventsRequest } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { notFound } from '#kernel/errors/not-found.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { DELIVERY_CHANNEL } from '../../feeds/delivery-feed.ts';
import { sizedAnswer } from '../database/answer-size.ts';
import { orAbsent, plainArray, textArray, timeArray } from '../database/array.ts';
import type { Database, Transaction } from '../database/database.ts';
import { ledgerStatement as sql } from '../database/statement.ts';

/** A row of asset_event with its aliases. */
export type AssetEventRow = {
  readonly id: string;
  readonly asset_name: string;
  readonly asset_uri: string;
  readonly extra: string;
  readonly timestamp: number;
  readonly source_dag_id: string;
  readonly source_run_id: string;
  readonly source_task_id: string;
  readonly source_map_index: number;
  readonly partition_key: string;
  readonly actor: string;
  readonly aliases: string[];
};

/** One of the events that started a run. */
export type RunAssetEventRow = AssetEventRow & { readonly dag_run_id: string };

/** Records events and queues them for their consumers; known ones change nothing. */
export const INSERT_ASSET_EVENTS = sql('asset/insert_asset_events');
const FIND_UNKNOWN = sql<{ readonly name: string; readonly uri: string }>(
  'asset/find_unknown_assets',
);
const LOCK_SESSION = sql<{ readonly id: string }>('admission/lock_session');
const FIND_STALE = sql<{ readonly partition: number }>('admission/find_stale_fences');
const PUT_WATCHER_CURSOR = sql('asset/put_asset_watcher_cursor');
const LIST_EVENTS = sql<AssetEventRow>('asset/list_asset_events');
/** Takes partitions or null, a run or null, how many bytes of extras of one run at most. */
export const LOAD_RUN_EVENTS = sql<RunAssetEventRow>('asset/load_run_asset_events');

/** Events of an answer when the caller does not say how many, and at most. */
export const LIMIT_DEFAULT = 100;
export const LIMIT_MAX = 1_000;
/** Bytes of extras that a run is told of the events that started it, at most. */
export const RUN_EXTRAS_BYTES_MAX = 2 * 1024 * 1024;

type Put = Pick<
  PutAssetEventsRequest,
  'events' | 'schedulerId' | 'fences' | 'assetCursor' | 'watcherName'
>;

/** For insert_asset_events. */
export function assetEventColumns(events: readonly AssetEvent[]): string[] {
  const through = events.flatMap(({ id, aliases }) => aliases.map((alias) => ({ id, alias })));
  return [
    textArray(events.map((event) => event.id)),
    textArray(events.map((event) => event.assetName)),
    textArray(events.map((event) => event.assetUri)),
    textArray(events.map((event) => event.extraJson)),
    timeArray(events.map((event) => event.timestamp)),
    textArray(events.map((event) => event.sourceDagId)),
    textArray(events.map((event) => event.sourceRunId)),
    textArray(events.map((event) => event.sourceTaskId)),
    plainArray(events.map((event) => event.sourceMapIndex)),
    textArray(events.map((event) => event.partitionKey)),
    textArray(events.map((event) => event.actor)),
    textArray(through.map(({ id }) => id)),
    textArray(through.map(({ alias }) => alias)),
    DELIVERY_CHANNEL,
  ];
}

/**
 * Records events from outside of any task; `asset_not_found` (and nothing is recorded) when one
 * names an asset that does not exist. Those without a time happen now. Idempotent by event id. A
 * scheduler names fences for all its assets: `stale_epoch` (and nothing is recorded) when one of
 * them does not hold, `bad_request` when one is missing. What its watcher has seen is kept with it.
 */
export async function putAssetEvents(
  database: Database,
  request: Put,
  nowMs: number,
): Promise<void> {
  const { events, schedulerId, fences, assetCursor, watcherName } = request;
  const now = toTimestamp(nowMs);
  const dated = events.map((event) => ({ ...event, timestamp: event.timestamp ?? now }));
  if (schedulerId === '') {
    refuseUnknown(await database.run(FIND_UNKNOWN, placesOf(events)));
    await database.run(INSERT_ASSET_EVENTS, assetEventColumns(dated));
    return;
  }
  const fenced = new Set(fences.map((fence) => fence.partition));
  const bare = events.find(({ assetName }) => !fenced.has(partitionOf(assetName)));
  if (bare !== undefined) {
    throw fail('bad_request', `no fence for the partition of asset ${bare.assetName}; name it`);
  }
  await database.transaction(async (transaction) => {
    const [, unknown] = await Promise.all([
      holdFences(transaction, { schedulerId, fences }),
      transaction.run(FIND_UNKNOWN, placesOf(events)),
    ]);
    refuseUnknown(unknown);
    const sent: Promise<unknown>[] = [
      transaction.run(INSERT_ASSET_EVENTS, assetEventColumns(dated)),
    ];
    if (assetCursor !== '') {
      const place = [events[0]?.assetName, watcherName, assetCursor];
      sent.push(transaction.run(PUT_WATCHER_CURSOR, place));
    }
    await Promise.all([...sent, transaction.commit()]);
  });
}

/** Keeps partitions from moving until the transaction ends; `stale_epoch` when they have moved. */
async function holdFences(
  transaction: Transaction,
  { schedulerId, fences }: Pick<PutAssetEventsRequest, 'schedulerId' | 'fences'>,
): Promise<void> {
  const [sessions, stale] = await Promise.all([
    transaction.run(LOCK_SESSION, [schedulerId]),
    transaction.run(FIND_STALE, [
      schedulerId,
      plainArray(fences.map((fence) => fence.partition)),
      plainArray(fences.map((fence) => fence.epoch)),
    ]),
  ]);
  if (sessions.length > 0 && stale.length === 0) return;
  throw fail('stale_epoch', 'partitions have another owner or epoch; nothing was recorded');
}

function placesOf(events: readonly AssetEvent[]): string[] {
  return [
    textArray(events.map((event) => event.assetName)),
    textArray(events.map((event) => event.assetUri)),
  ];
}

function refuseUnknown([unknown]: readonly {
  readonly name: string;
  readonly uri: string;
}[]): void {
  if (unknown !== undefined) throw notFound('asset', unknown.name || unknown.uri);
}

/**
 * Events of one asset or alias in the order asked for; `bad_request` when neither is named,
 * `limit_reached` when they do not fit one answer.
 */
export async function listAssetEvents(
  database: Database,
  query: ListAssetEventsRequest,
): Promise<MessageInitShape<typeof AssetEventSchema>[]> {
  const { assetName, assetUri, alias, after, before, isDescending } = query;
  if (assetName === '' && assetUri === '' && alias === '') {
    throw fail('bad_request', 'name an asset, a URI or an alias whose events are wanted');
  }
  const rows = await database.browse(LIST_EVENTS, [
    orAbsent(assetName),
    orAbsent(assetUri),
    orAbsent(alias),
    fromTimestamp(after),
    fromTimestamp(before),
    isDescending,
    query.limit === 0 ? LIMIT_DEFAULT : Math.min(query.limit, LIMIT_MAX),
  ]);
  return sizedAnswer(rows, (row) => row.extra.length).map(toAssetEvent);
}

/** The events that started a run: the oldest 1,000, and at most 2 MiB of what they say. */
export function readRunAssetEvents(database: Database, dagRunId: string): Promise<AssetEventRow[]> {
  return database.browse(LOAD_RUN_EVENTS, [undefined, dagRunId, RUN_EXTRAS_BYTES_MAX]);
}

export function toAssetEvent(row: AssetEventRow): MessageInitShape<typeof AssetEventSchema> {
  return {
    id: row.id,
    assetName: row.asset_name,
    assetUri: row.asset_uri,
    extraJson: row.extra,
    timestamp: toTimestamp(row.timestamp),
    sourceDagId: row.source_dag_id,
    sourceRunId: row.source_run_id,
    sourceTaskId: row.source_task_id,
    sourceMapIndex: row.source_map_index,
    partitionKey: row.partition_key,
    actor: row.actor,
    aliases: row.aliases,
  };
}
