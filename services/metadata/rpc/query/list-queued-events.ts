// QueryService.ListQueuedEvents
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { orAbsent } from '../../ledger/database/array.ts';
import { type AssetEventRow, toAssetEvent } from '../../ledger/asset/asset-events.ts';
import { requireDag } from '../../query/find-run.ts';
import { readPage } from '../../query/lists.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

const LIST_QUEUED_EVENTS = queryStatement<AssetEventRow>('list_queued_events');

export function listQueuedEvents(
  rooms: Rooms,
): Handler<typeof QueryService.method.listQueuedEvents> {
  const { database } = rooms;
  return async (request) => {
    const query = required(request.query, 'query');
    const { rows, nextPageToken } = await readPage(
      database,
      {
        statement: LIST_QUEUED_EVENTS,
        list: 'queued_events',
        filter: [query.dagId, orAbsent(query.assetName)],
        positionOf: (row) => row.id,
      },
      query,
    );
    if (rows.length === 0) await requireDag(database, query.dagId);
    return { page: { events: rows.map(toAssetEvent), nextPageToken } };
  };
}
