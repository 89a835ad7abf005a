// LedgerService.LoadDeliveries
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { loadDeliveries as load } from '../../ledger/deliveries.ts';
import type { Rooms } from '../rooms.ts';

export function loadDeliveries(rooms: Rooms): Handler<typeof LedgerService.method.loadDeliveries> {
  return async ({ partitions }) => ({ deliveries: await load(rooms.database, partitions) });
}
