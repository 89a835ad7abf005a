// LedgerService.PutAssetEvents
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { putAssetEvents as put } from '../../ledger/asset/asset-events.ts';
import type { Rooms } from '../rooms.ts';

export function putAssetEvents(rooms: Rooms): Handler<typeof LedgerService.method.putAssetEvents> {
  const { database, clock, events } = rooms;
  return async (request, { caller }) => {
    if (caller === 'scheduler' && request.schedulerId === '') {
      throw fail('bad_request', 'a scheduler records under its fences; name it and them');
    }
    await put(database, request, clock.nowMs());
    events.rowsWritten('asset_event', request.events.length);
    return {};
  };
}
