// Assets in short, as lists show them.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AssetSchema } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
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
