// TaskInstanceService.ReadTaskLog: the log of one try, and what is added to it while it runs.
import type { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { isLive } from '../../core/pick-attempt.ts';
import { findAttempt } from '../../logs/find-attempt.ts';
import { followLog } from '../../logs/follow-log.ts';
import { readLog } from '../../logs/read-log.ts';
import type { ApiHandler, Mesh } from '../mesh.ts';
import { UNMAPPED } from './get-task-instance.ts';

/**
 * Each try is a log of its own. Without a try number the latest attempt is read to its end, and the
 * stream ends there even if the task is tried again.
 */
export function readTaskLog(mesh: Mesh): ApiHandler<typeof TaskInstanceService.method.readTaskLog> {
  return async function* (request, context) {
    const { dagId, runId, taskId, mapIndex = UNMAPPED, tryNumber, follow, offset } = request;
    const target = { dagId, runId, taskId, mapIndex };
    const over = follow ? mesh.waits.begin(context.principal.userName) : () => undefined;
    try {
      const attempt = await findAttempt(mesh, context, { target, tryNumber, isPatient: follow });
      const part = { target, attempt, offset };
      const pieces =
        follow && isLive(attempt)
          ? followLog(mesh, context, part)
          : readLog(mesh, { ...part, isFollowed: false, signal: context.signal });
      for await (const piece of pieces) yield { offset: piece.offset, content: piece.content };
    } finally {
      over();
    }
  };
}
