// QueryService.ListDags
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { textArray } from '../../ledger/database/array.ts';
import { type DagSummaryRow, toDag } from '../../query/dags.ts';
import { readPage } from '../../query/lists.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

const LIST_DAGS = queryStatement<DagSummaryRow>('list_dags');

export function listDags(rooms: Rooms): Handler<typeof QueryService.method.listDags> {
  return async (request) => {
    const query = required(request.query, 'query');
    const { rows, nextPageToken } = await readPage(
      rooms.database,
      {
        statement: LIST_DAGS,
        list: 'dags',
        filter: [
          query.dagIdContains,
          query.includeInactive,
          query.tags.length > 0 ? textArray(query.tags) : undefined,
          query.isPaused,
        ],
        positionOf: (row) => row.dag_id,
      },
      query,
    );
    return { page: { dags: rows.map(toDag), nextPageToken } };
  };
}
