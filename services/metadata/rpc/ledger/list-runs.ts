// LedgerService.ListRuns
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { listRuns as list } from '../../ledger/load/past.ts';
import type { Rooms } from '../rooms.ts';

export function listRuns(rooms: Rooms): Handler<typeof LedgerService.method.listRuns> {
  return async (request) => ({ runs: await list(rooms.database, request) });
}
