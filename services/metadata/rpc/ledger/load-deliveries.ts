// LedgerService.LoadDeliveries
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { loadDeliveries as load } from '../../ledger/asset/deliveries.ts';
import type { Rooms } from '../rooms.ts';

export function loadDeliveries(rooms: Rooms): Handler<typeof LedgerService.method.loadDeliveries> {
  return (request) => load(rooms.database, request);
}
