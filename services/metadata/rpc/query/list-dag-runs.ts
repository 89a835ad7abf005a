// QueryService.ListDagRuns
import type { ListDagRunsRequest } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { orAbsent } from '../../ledger/database/array.ts';
import { dagRunStates, runTypes } from '../../ledger/record/names.ts';
import { type DagRunRow, toDagRun } from '../../ledger/record/dag-records.ts';
import type { Value } from '../../ledger/database/statement.ts';
import { findBackfill } from '../../query/find-backfill.ts';
import { requireDag } from '../../query/find-run.ts';
import { readPage } from '../../query/lists.ts';
import { stateFilter } from '../../query/state-filter.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

const LIST_DAG_RUNS = queryStatement<DagRunRow>('list_dag_runs');

export function listDagRuns(rooms: Rooms): Handler<typeof QueryService.method.listDagRuns> {
  const { database } = rooms;
  return async (request) => {
    const query = required(request.query, 'query');
    const { rows, nextPageToken } = await readPage(
      database,
      {
        statement: LIST_DAG_RUNS,
        list: 'dag_runs',
        filter: filterOf(query),
        positionOf: (row) => row.id,
      },
      query,
    );
    if (rows.length === 0 && query.dagId !== '') await requireDag(database, query.dagId);
    if (rows.length === 0 && query.backfillId !== '')
      await findBackfill(database, query.backfillId);
    return { page: { runs: rows.map(toDagRun), nextPageToken } };
  };
}

function filterOf(query: ListDagRunsRequest): readonly Value[] {
  return [
    orAbsent(query.dagId),
    stateFilter(query.states, dagRunStates),
    stateFilter(query.runTypes, runTypes),
    query.includesCallbacks || query.runTypes.includes(RunType.CALLBACK),
    orAbsent(query.backfillId),
    orAbsent(query.runIdContains),
    orAbsent(query.partitionKey),
    fromTimestamp(query.logicalDateFrom),
    fromTimestamp(query.logicalDateTo),
    fromTimestamp(query.runAfterFrom),
    fromTimestamp(query.runAfterTo),
    fromTimestamp(query.startDateFrom),
    fromTimestamp(query.startDateTo),
  ];
}
