// LedgerService.LoadRun
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { loadRun as load } from '../../ledger/load/load-run.ts';
import type { Rooms } from '../rooms.ts';

export function loadRun(rooms: Rooms): Handler<typeof LedgerService.method.loadRun> {
  return (request) => load(rooms.database, request);
}
