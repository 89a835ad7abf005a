// LedgerService.DeleteXCom
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { deleteXCom as deleteOne } from '../../ledger/attempt/xcoms.ts';
import type { Rooms } from '../rooms.ts';

export function deleteXCom(rooms: Rooms): Handler<typeof LedgerService.method.deleteXCom> {
  return async ({ attemptId, key }) => {
    await deleteOne(rooms.database, attemptId, key);
    return {};
  };
}
