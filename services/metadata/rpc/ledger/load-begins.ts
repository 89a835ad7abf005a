// LedgerService.LoadBegins
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { loadBegins as load } from '../../ledger/load/begins.ts';
import { required, type Rooms } from '../rooms.ts';

export function loadBegins(rooms: Rooms): Handler<typeof LedgerService.method.loadBegins> {
  return async (request) => {
    const sinceMs = required(fromTimestamp(request.since), 'since');
    return { begins: await load(rooms.database, request, sinceMs) };
  };
}
