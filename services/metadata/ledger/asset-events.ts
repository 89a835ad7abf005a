// Updates of assets: recorded with their queues in one statement, read for tasks and triggers.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AssetEvent, AssetEventSchema } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { ListAssetEventsRequest } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { DELIVERY_CHANNEL } from '../feeds/delivery-feed.ts';
import { sizedAnswer } from './answer-size.ts';
import { orAbsent, plainArray, textArray, timeArray } from './array.ts';
import type { Database } from './database.ts';
import { ledgerStatement as sql } from './statement.ts';

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

/** Records events and queues them for their consumers; known ones change nothing. */
export const INSERT_ASSET_EVENTS = sql('insert_asset_events');
const FIND_UNKNOWN = sql<{ readonly name: string; readonly uri: string }>('find_unknown_assets');
const LIST_EVENTS = sql<AssetEventRow>('list_asset_events');

/** Events of an answer when the caller does not say how many, and at most. */
const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;

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
 * names an asset that does not exist. Those without a time happen now. Idempotent by event id.
 */
export async function putAssetEvents(
  database: Database,
  events: readonly AssetEvent[],
  nowMs: number,
): Promise<void> {
  const [unknown] = await database.run(FIND_UNKNOWN, [
    textArray(events.map((event) => event.assetName)),
    textArray(events.map((event) => event.assetUri)),
  ]);
  if (unknown !== undefined) {
    throw fail(
      'asset_not_found',
      `there is no asset ${unknown.name || unknown.uri}; name one that a DAG declares`,
    );
  }
  const now = toTimestamp(nowMs);
  const dated = events.map((event) => ({ ...event, timestamp: event.timestamp ?? now }));
  await database.run(INSERT_ASSET_EVENTS, assetEventColumns(dated));
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
