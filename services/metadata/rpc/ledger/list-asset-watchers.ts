// LedgerService.ListAssetWatchers
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { listAssetWatchers as list } from '../../ledger/asset/asset-watchers.ts';
import type { Rooms } from '../rooms.ts';

export function listAssetWatchers(
  rooms: Rooms,
): Handler<typeof LedgerService.method.listAssetWatchers> {
  return ({ partitions }) => list(rooms.database, partitions);
}
