// LedgerService.LoadDag
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { loadDag as load } from '../../ledger/load/load-run.ts';
import type { Rooms } from '../rooms.ts';

export function loadDag(rooms: Rooms): Handler<typeof LedgerService.method.loadDag> {
  return ({ dagId }) => load(rooms.database, dagId);
}
