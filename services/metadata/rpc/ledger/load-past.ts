// LedgerService.LoadPast
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { loadPast as load } from '../../ledger/load/past.ts';
import { required, type Rooms } from '../rooms.ts';

export function loadPast(rooms: Rooms): Handler<typeof LedgerService.method.loadPast> {
  return (request) => {
    const logicalMs = required(fromTimestamp(request.logicalDate), 'logical_date');
    return load(rooms.database, request, logicalMs);
  };
}
