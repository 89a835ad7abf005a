// QueryService.GetTaskInstance
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import {
  type TaskAttemptRow,
  toTaskAttempt,
  toTaskInstance,
} from '../../ledger/record/task-records.ts';
import { findTaskInstance } from '../../query/find-task-instance.ts';
import { queryStatement } from '../../query/statement.ts';
import type { Rooms } from '../rooms.ts';

const LIST_TASK_ATTEMPTS = queryStatement<TaskAttemptRow>('list_task_attempts');

export function getTaskInstance(rooms: Rooms): Handler<typeof QueryService.method.getTaskInstance> {
  const { database } = rooms;
  return async (request) => {
    const row = await findTaskInstance(database, request);
    const attempts = await database.browse(LIST_TASK_ATTEMPTS, [row.id]);
    return {
      taskInstance: { taskInstance: toTaskInstance(row), attempts: attempts.map(toTaskAttempt) },
    };
  };
}
