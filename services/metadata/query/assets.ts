// Assets and their watchers, as people see them.
import { fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import type {
  AssetSchema,
  AssetWatcherStatusSchema,
} from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { TriggerSpecSchema } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import { type Instant, instant } from '../ledger/records.ts';

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
