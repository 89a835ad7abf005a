// QueryService.ListAssets
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { orAbsent } from '../../ledger/database/array.ts';
import { LIST_ASSETS, toAsset } from '../../query/assets.ts';
import { requireDag } from '../../query/find-run.ts';
import { readPage } from '../../query/lists.ts';
import { required, type Rooms } from '../rooms.ts';

export function listAssets(rooms: Rooms): Handler<typeof QueryService.method.listAssets> {
  const { database } = rooms;
  return async (request) => {
    const query = required(request.query, 'query');
    const { rows, nextPageToken } = await readPage(
      database,
      {
        statement: LIST_ASSETS,
        list: 'assets',
        filter: [
          undefined,
          undefined,
          query.contains,
          query.includeInactive,
          orAbsent(query.dagId),
        ],
        positionOf: (row) => row.name,
      },
      query,
    );
    if (rows.length === 0 && query.dagId !== '') await requireDag(database, query.dagId);
    return { page: { assets: rows.map(toAsset), nextPageToken } };
  };
}
