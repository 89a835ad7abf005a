// TaskInstanceService.GetTaskInstance: one task instance with all its attempts.
import type { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { maskedTaskInstance } from '../../core/masked.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

/** The map_index of an instance that is not mapped. */
export const UNMAPPED = -1;

export function getTaskInstance(
  mesh: Mesh,
): ApiHandler<typeof TaskInstanceService.method.getTaskInstance> {
  return async ({ dagId, runId, taskId, mapIndex = UNMAPPED }, context) => {
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.getTaskInstance({ dagId, runId, taskId, mapIndex }, call),
    );
    const { taskInstance, attempts } = present(answer.taskInstance);
    return { taskInstance: maskedTaskInstance(present(taskInstance)), attempts };
  };
}
