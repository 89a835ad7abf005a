// QueryService.ListTaskInstances
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { textArray } from '../../ledger/array.ts';
import { taskInstanceStates } from '../../ledger/names.ts';
import { type TaskInstanceRow, toTaskInstance } from '../../ledger/records.ts';
import { findRun } from '../../query/find-run.ts';
import { readPage } from '../../query/lists.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

const LIST_TASK_INSTANCES = queryStatement<TaskInstanceRow & { readonly position: bigint }>(
  'list_task_instances',
);

export function listTaskInstances(
  rooms: Rooms,
): Handler<typeof QueryService.method.listTaskInstances> {
  const { database } = rooms;
  return async (request) => {
    const query = required(request.query, 'query');
    const run = await findRun(database, query);
    const states = query.states.map(taskInstanceStates.nameOf);
    const { rows, nextPageToken } = await readPage(
      database,
      {
        statement: LIST_TASK_INSTANCES,
        list: 'task_instances',
        filter: [run.id, states.length > 0 ? textArray(states) : undefined],
        positionOf: (row) => String(row.position),
      },
      query,
    );
    return { page: { taskInstances: rows.map(toTaskInstance), nextPageToken } };
  };
}
