// Assets and their watchers, as people see them.
import { fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import type {
  AssetSchema,
  AssetWatcherStatusSchema,
} from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { TriggerSpecSchema } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { notFound } from '#kernel/errors/not-found.ts';
import type { Database } from '../ledger/database/database.ts';
import { type Instant, instant } from '../ledger/record/dag-records.ts';
import { queryStatement } from './statement.ts';

/** An asset with what became of it. */
export type AssetRow = {
  readonly name: string;
  readonly uri: string;
  readonly group_name: string;
  readonly extra: string;
  readonly is_active: boolean;
  readonly last_event_time: Instant;
  readonly producers_count: number;
  readonly consumers_count: number;
};

/**
 * Takes a name and a URI (null: any), a text they contain, whether inactive ones count, a DAG
 * (null: any), a position, how many rows.
 */
export const LIST_ASSETS = queryStatement<AssetRow>('list_assets');
/** Names of which a URI is looked for: the one in use, or else any. */
const NAMES_OF_URI_MAX = 100;

/** The asset of that name or, when it is empty, the one at the URI; `asset_not_found`. */
export async function findAsset(
  database: Database,
  { assetName, assetUri }: { readonly assetName: string; readonly assetUri: string },
): Promise<AssetRow> {
  const place = assetName === '' ? [undefined, assetUri] : [assetName, undefined];
  const any = ['', true, undefined, undefined];
  const rows = await database.browse(LIST_ASSETS, [...place, ...any, NAMES_OF_URI_MAX]);
  const row = rows.find((one) => one.is_active) ?? rows[0];
  if (row !== undefined) return row;
  throw notFound('asset', assetName || assetUri);
}

export function toAsset(row: AssetRow): MessageInitShape<typeof AssetSchema> {
  return {
    name: row.name,
    uri: row.uri,
    group: row.group_name,
    extraJson: row.extra,
    isActive: row.is_active,
    lastEventTime: instant(row.last_event_time),
    producersCount: row.producers_count,
    consumersCount: row.consumers_count,
  };
}

/** A watcher of an asset. */
export type WatcherRow = {
  readonly watcher_name: string;
  readonly dag_id: string;
  readonly trigger: Uint8Array;
  readonly is_watching: boolean;
  readonly last_event_time: Instant;
};

export function toWatcher(row: WatcherRow): MessageInitShape<typeof AssetWatcherStatusSchema> {
  return {
    name: row.watcher_name,
    trigger: fromBinary(TriggerSpecSchema, row.trigger),
    dagId: row.dag_id,
    isWatching: row.is_watching,
    lastEventTime: instant(row.last_event_time),
  };
}
