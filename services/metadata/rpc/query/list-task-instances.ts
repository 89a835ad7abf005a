// QueryService.ListTaskInstances
import type { ListTaskInstancesRequest } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { tasksOfGroup } from '../../core/group-tasks.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { textArray } from '../../ledger/database/array.ts';
import type { SpecReader } from '../../ledger/load/specs.ts';
import { taskInstanceStates } from '../../ledger/record/names.ts';
import type { DagRunRow } from '../../ledger/record/dag-records.ts';
import { type TaskInstanceRow, toTaskInstance } from '../../ledger/record/task-records.ts';
import { findRun } from '../../query/find-run.ts';
import { readPage } from '../../query/lists.ts';
import { stateFilter } from '../../query/state-filter.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

const LIST_TASK_INSTANCES = queryStatement<TaskInstanceRow & { readonly position: bigint }>(
  'list_task_instances',
);

export function listTaskInstances(
  rooms: Rooms,
): Handler<typeof QueryService.method.listTaskInstances> {
  const { database, specs } = rooms;
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
          await taskFilter(specs, run, query),
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
  specs: SpecReader,
  run: DagRunRow,
  { taskId, taskGroupId }: ListTaskInstancesRequest,
): Promise<string | undefined> {
  if (taskGroupId === '') return taskId === '' ? undefined : textArray([taskId]);
  const taskIds = tasksOfGroup(await specs.get(run.dag_version_id), taskGroupId);
  if (taskIds === undefined) {
    throw fail(
      'bad_filter',
      `run "${run.run_id}" of DAG "${run.dag_id}" has no task group "${taskGroupId}"; ` +
        `see its groups: dagmesh dags show ${run.dag_id}`,
    );
  }
  return textArray(taskId === '' ? taskIds : taskIds.filter((id) => id === taskId));
}
