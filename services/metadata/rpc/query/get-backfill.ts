// QueryService.GetBackfill
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { toBackfillStatus } from '../../query/backfills.ts';
import { findBackfill } from '../../query/find-backfill.ts';
import { required, type Rooms } from '../rooms.ts';

export function getBackfill(rooms: Rooms): Handler<typeof QueryService.method.getBackfill> {
  return async (request) => {
    const { backfillId } = required(request.query, 'query');
    const row = await findBackfill(rooms.database, backfillId);
    return { answer: { status: toBackfillStatus(row) } };
  };
}
