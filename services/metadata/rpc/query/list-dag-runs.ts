// QueryService.ListDagRuns
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { orAbsent, textArray } from '../../ledger/array.ts';
import { dagRunStates } from '../../ledger/names.ts';
import { type DagRunRow, toDagRun } from '../../ledger/records.ts';
import { requireDag } from '../../query/find-run.ts';
import { readPage } from '../../query/lists.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

const LIST_DAG_RUNS = queryStatement<DagRunRow>('list_dag_runs');

export function listDagRuns(rooms: Rooms): Handler<typeof QueryService.method.listDagRuns> {
  const { database } = rooms;
  return async (request) => {
    const query = required(request.query, 'query');
    const states = query.states.map(dagRunStates.nameOf);
    const { rows, nextPageToken } = await readPage(
      database,
      {
        statement: LIST_DAG_RUNS,
        list: 'dag_runs',
        filter: [orAbsent(query.dagId), states.length > 0 ? textArray(states) : undefined],
        positionOf: (row) => row.id,
      },
      query,
    );
    if (rows.length === 0 && query.dagId !== '') await requireDag(database, query.dagId);
    return { page: { runs: rows.map(toDagRun), nextPageToken } };
  };
}
