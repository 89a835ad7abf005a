// LedgerService.ReadXComs
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { readXComs as read } from '../../ledger/attempt/xcoms.ts';
import type { Rooms } from '../rooms.ts';

export function readXComs(rooms: Rooms): Handler<typeof LedgerService.method.readXComs> {
  return async (request) => ({ xcoms: await read(rooms.database, request) });
}
