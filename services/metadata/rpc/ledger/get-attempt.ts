// LedgerService.GetAttempt
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { getAttempt as get } from '../../ledger/attempt/attempts.ts';
import type { Rooms } from '../rooms.ts';

export function getAttempt(rooms: Rooms): Handler<typeof LedgerService.method.getAttempt> {
  return ({ attemptId }) => get(rooms.database, rooms.specs, attemptId);
}
