// QueryService.ListDagVersions
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { type DagVersionSummaryRow, toDagVersionSummary } from '../../query/dag-versions.ts';
import { requireDag } from '../../query/find-run.ts';
import { readPage } from '../../query/lists.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

const LIST_DAG_VERSIONS = queryStatement<DagVersionSummaryRow>('list_dag_versions');

export function listDagVersions(rooms: Rooms): Handler<typeof QueryService.method.listDagVersions> {
  const { database } = rooms;
  return async (request) => {
    const query = required(request.query, 'query');
    const { rows, nextPageToken } = await readPage(
      database,
      {
        statement: LIST_DAG_VERSIONS,
        list: 'dag_versions',
        filter: [query.dagId],
        positionOf: (row) => String(row.version_number),
      },
      query,
    );
    if (rows.length === 0) await requireDag(database, query.dagId);
    return { page: { versions: rows.map(toDagVersionSummary), nextPageToken } };
  };
}
