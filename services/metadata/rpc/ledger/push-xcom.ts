// LedgerService.PushXCom
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { pushXComs } from '../../ledger/attempt/xcoms.ts';
import type { Rooms } from '../rooms.ts';

export function pushXCom(rooms: Rooms): Handler<typeof LedgerService.method.pushXCom> {
  return async ({ attemptId, xcoms }) => {
    await pushXComs(rooms.database, attemptId, xcoms);
    return {};
  };
}
