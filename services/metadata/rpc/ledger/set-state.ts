// LedgerService.SetState
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { setState as set } from '../../ledger/attempt/kept-states.ts';
import type { Rooms } from '../rooms.ts';

export function setState(rooms: Rooms): Handler<typeof LedgerService.method.setState> {
  return async (request) => {
    await set(rooms.database, request);
    return {};
  };
}
