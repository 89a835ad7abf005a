// TaskInstanceService.MarkTaskInstances: set the states of task instances by hand.
import type { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { type ApiHandler, atOwner, type Mesh } from '../mesh.ts';

export function markTaskInstances(
  mesh: Mesh,
): ApiHandler<typeof TaskInstanceService.method.markTaskInstances> {
  return async ({ $typeName: _typeName, ...request }, context) => {
    const actor = context.principal.userName;
    return atOwner(mesh, context, {
      dagId: request.selection?.dagId ?? '',
      call: async (owner, call) => {
        const { $typeName: _responseName, ...marked } = await owner.markTaskInstances(
          { ...request, actor },
          call,
        );
        return marked;
      },
    });
  };
}
