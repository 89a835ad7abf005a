// QueryService.DeleteQueuedEvents
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { DELIVERY_CHANNEL } from '../../feeds/delivery-feed.ts';
import { orAbsent } from '../../ledger/database/array.ts';
import { requireDag } from '../../query/find-run.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

const DELETE_QUEUED_EVENTS = queryStatement<{ readonly deleted_count: number }>(
  'delete_queued_events',
);

export function deleteQueuedEvents(
  rooms: Rooms,
): Handler<typeof QueryService.method.deleteQueuedEvents> {
  const { database } = rooms;
  return async (request) => {
    const { dagId, assetName } = required(request.query, 'query');
    await requireDag(database, dagId);
    const [deleted] = await database.run(DELETE_QUEUED_EVENTS, [
      dagId,
      orAbsent(assetName),
      request.actor,
      DELIVERY_CHANNEL,
      String(partitionOf(dagId)),
    ]);
    return { answer: { deletedCount: deleted?.deleted_count ?? 0 } };
  };
}
