// LedgerService.LoadPartitions
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { loadPartitions as load } from '../../ledger/load/load-partitions.ts';
import type { Rooms } from '../rooms.ts';

export function loadPartitions(rooms: Rooms): Handler<typeof LedgerService.method.loadPartitions> {
  return (request) => load(rooms.database, request);
}
