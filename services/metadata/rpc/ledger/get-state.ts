// LedgerService.GetState
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { getState as get } from '../../ledger/attempt/kept-states.ts';
import type { Rooms } from '../rooms.ts';

export function getState(rooms: Rooms): Handler<typeof LedgerService.method.getState> {
  return async (request) => ({ valueJson: await get(rooms.database, request) });
}
