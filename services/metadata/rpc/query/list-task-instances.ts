// QueryService.ListTaskInstances
import { fromBinary } from '@bufbuild/protobuf';
import type { ListTaskInstancesRequest } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { textArray } from '../../ledger/array.ts';
import type { Database } from '../../ledger/database.ts';
import { taskInstanceStates } from '../../ledger/names.ts';
import { type DagRunRow, type TaskInstanceRow, toTaskInstance } from '../../ledger/records.ts';
import { findRun } from '../../query/find-run.ts';
import { tasksOfGroup } from '../../query/group-tasks.ts';
import { readPage } from '../../query/lists.ts';
import { stateFilter } from '../../query/state-filter.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

const LIST_TASK_INSTANCES = queryStatement<TaskInstanceRow & { readonly position: bigint }>(
  'list_task_instances',
);
const GET_RUN_SPEC = queryStatement<{ readonly spec: Uint8Array }>('get_run_spec');

export function listTaskInstances(
  rooms: Rooms,
): Handler<typeof QueryService.method.listTaskInstances> {
  const { database } = rooms;
  return async (request) => {
    const query = required(request.query, 'query');
    const run = await findRun(database, query);
    const { rows, nextPageToken } = await readPage(
      database,
      {
        statement: LIST_TASK_INSTANCES,
        list: 'task_instances',
        filter: [
          run.id,
          stateFilter(query.states, taskInstanceStates),
          await taskFilter(database, run, query),
          query.mapIndexFrom,
          query.mapIndexTo,
          query.onlyMapped,
        ],
        positionOf: (row) => String(row.position),
      },
      query,
    );
    return { page: { taskInstances: rows.map(toTaskInstance), nextPageToken } };
  };
}

/** The tasks that are asked for, as the version that the run follows knows them. */
async function taskFilter(
  database: Database,
  run: DagRunRow,
  { taskId, taskGroupId }: ListTaskInstancesRequest,
): Promise<string | undefined> {
  if (taskGroupId === '') return taskId === '' ? undefined : textArray([taskId]);
  const [version] = await database.browse(GET_RUN_SPEC, [run.dag_version_id]);
  const spec = version && fromBinary(DagSpecSchema, version.spec);
  const taskIds = spec && tasksOfGroup(spec, taskGroupId);
  if (taskIds === undefined) {
    throw fail(
      'bad_filter',
      `the version of DAG ${run.dag_id} that this run follows has no group ${taskGroupId}`,
    );
  }
  return textArray(taskId === '' ? taskIds : taskIds.filter((id) => id === taskId));
}
