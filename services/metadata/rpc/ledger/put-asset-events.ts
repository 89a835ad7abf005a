// LedgerService.PutAssetEvents
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { putAssetEvents as put } from '../../ledger/asset-events.ts';
import type { Rooms } from '../rooms.ts';

export function putAssetEvents(rooms: Rooms): Handler<typeof LedgerService.method.putAssetEvents> {
  const { database, clock, events } = rooms;
  return async (request) => {
    await put(database, request, clock.nowMs());
    events.rowsWritten('asset_event', request.events.length);
    return {};
  };
}
