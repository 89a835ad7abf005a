// TaskInstanceService.ClearTaskInstances: make task instances run again, or say which would.
import type { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { type ApiHandler, atOwner, type Mesh } from '../mesh.ts';

export function clearTaskInstances(
  mesh: Mesh,
): ApiHandler<typeof TaskInstanceService.method.clearTaskInstances> {
  return async (request, context) => {
    const { $typeName: _typeName, ...filters } = request;
    const actor = context.principal.userName;
    const { taskIds } = await atOwner(mesh, context, {
      dagId: request.dagId,
      call: (owner, call) => owner.clearTaskInstances({ ...filters, actor }, call),
    });
    return { taskIds };
  };
}
