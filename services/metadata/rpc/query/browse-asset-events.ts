// QueryService.BrowseAssetEvents
import type { ListAssetEventsRequest } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { orAbsent } from '../../ledger/database/array.ts';
import type { Database } from '../../ledger/database/database.ts';
import { type AssetEventRow, toAssetEvent } from '../../ledger/asset/asset-events.ts';
import { findAsset } from '../../query/assets.ts';
import { requireDag } from '../../query/find-run.ts';
import { readPage } from '../../query/lists.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

const LIST_ASSET_EVENTS = queryStatement<AssetEventRow>('list_asset_events');

export function browseAssetEvents(
  rooms: Rooms,
): Handler<typeof QueryService.method.browseAssetEvents> {
  const { database } = rooms;
  return async (request) => {
    const query = required(request.query, 'query');
    const { rows, nextPageToken } = await readPage(
      database,
      {
        statement: LIST_ASSET_EVENTS,
        list: 'asset_events',
        filter: [
          orAbsent(query.assetName),
          orAbsent(query.sourceDagId),
          orAbsent(query.sourceRunId),
          orAbsent(query.sourceTaskId),
          fromTimestamp(query.timestampFrom),
          fromTimestamp(query.timestampTo),
        ],
        positionOf: (row) => row.id,
      },
      query,
    );
    if (rows.length === 0) await requireNamed(database, query);
    return { page: { events: rows.map(toAssetEvent), nextPageToken } };
  };
}

/** Nobody waits for events of what is not there: `asset_not_found`, `dag_not_found`. */
async function requireNamed(
  database: Database,
  { assetName, sourceDagId }: ListAssetEventsRequest,
): Promise<void> {
  if (assetName !== '') await findAsset(database, { assetName, assetUri: '' });
  if (sourceDagId !== '') await requireDag(database, sourceDagId);
}
