// QueryService.GetTaskInstance
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import {
  type TaskAttemptRow,
  type TaskInstanceRow,
  toTaskAttempt,
  toTaskInstance,
} from '../../ledger/records.ts';
import { findRun } from '../../query/find-run.ts';
import { queryStatement } from '../../query/statement.ts';
import type { Rooms } from '../rooms.ts';

const GET_TASK_INSTANCE = queryStatement<TaskInstanceRow>('get_task_instance');
const LIST_TASK_ATTEMPTS = queryStatement<TaskAttemptRow>('list_task_attempts');

export function getTaskInstance(rooms: Rooms): Handler<typeof QueryService.method.getTaskInstance> {
  const { database } = rooms;
  return async (request) => {
    const { taskId, mapIndex } = request;
    const run = await findRun(database, request);
    const [row] = await database.browse(GET_TASK_INSTANCE, [run.id, taskId, mapIndex]);
    if (row === undefined) {
      throw fail(
        'task_not_found',
        `run ${run.run_id} has no task ${taskId} at map_index ${mapIndex}; list its tasks`,
      );
    }
    const attempts = await database.browse(LIST_TASK_ATTEMPTS, [row.id]);
    return {
      taskInstance: { taskInstance: toTaskInstance(row), attempts: attempts.map(toTaskAttempt) },
    };
  };
}
