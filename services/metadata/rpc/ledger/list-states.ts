// LedgerService.ListStates
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { listStates as list } from '../../ledger/load/list-states.ts';
import type { Rooms } from '../rooms.ts';

export function listStates(rooms: Rooms): Handler<typeof LedgerService.method.listStates> {
  return (request) => list(rooms.database, rooms.specs, request);
}
