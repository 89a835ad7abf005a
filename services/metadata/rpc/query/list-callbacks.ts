// QueryService.ListCallbacks
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { orAbsent } from '../../ledger/database/array.ts';
import { dagRunStates } from '../../ledger/record/names.ts';
import { type DagRunRow, toDagRun } from '../../ledger/record/dag-records.ts';
import { requireDag } from '../../query/find-run.ts';
import { readPage } from '../../query/lists.ts';
import { stateFilter } from '../../query/state-filter.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

const LIST_CALLBACKS = queryStatement<DagRunRow>('list_callbacks');

export function listCallbacks(rooms: Rooms): Handler<typeof QueryService.method.listCallbacks> {
  const { database } = rooms;
  return async (request) => {
    const query = required(request.query, 'query');
    const states = stateFilter(query.states, dagRunStates);
    const { rows, nextPageToken } = await readPage(
      database,
      {
        statement: LIST_CALLBACKS,
        list: 'callbacks',
        filter: [orAbsent(query.dagId), orAbsent(query.runId), states],
        positionOf: (row) => row.id,
      },
      query,
    );
    if (rows.length === 0 && query.dagId !== '') await requireDag(database, query.dagId);
    return { page: { runs: rows.map(toDagRun), nextPageToken } };
  };
}
