// TaskInstanceService.ListTaskInstances: a page of the task instances of a run.
import type { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { maskedTaskInstance } from '../../core/masked.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function listTaskInstances(
  mesh: Mesh,
): ApiHandler<typeof TaskInstanceService.method.listTaskInstances> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.listTaskInstances({ query }, call),
    );
    const { taskInstances, nextPageToken } = present(answer.page);
    return { taskInstances: taskInstances.map(maskedTaskInstance), nextPageToken };
  };
}
