// TaskInstanceService.ClearTaskInstances: make task instances run again, or say which would.
import type { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { type ApiHandler, atOwner, type Mesh } from '../mesh.ts';

export function clearTaskInstances(
  mesh: Mesh,
): ApiHandler<typeof TaskInstanceService.method.clearTaskInstances> {
  return async ({ $typeName: _typeName, ...request }, context) => {
    const actor = context.principal.userName;
    return atOwner(mesh, context, {
      dagId: request.selection?.dagId ?? '',
      call: async (owner, call) => {
        const { taskInstances, totalCount } = await owner.clearTaskInstances(
          { ...request, actor },
          call,
        );
        return { taskInstances, totalCount };
      },
    });
  };
}
