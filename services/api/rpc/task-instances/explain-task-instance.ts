// TaskInstanceService.ExplainTaskInstance: why a task instance is not running, as its owner says.
import type { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { type ApiHandler, atOwner, type Mesh } from '../mesh.ts';

export function explainTaskInstance(
  mesh: Mesh,
): ApiHandler<typeof TaskInstanceService.method.explainTaskInstance> {
  return async ({ $typeName: _typeName, ...place }, context) => {
    const explanation = await atOwner(mesh, context, {
      dagId: place.dagId,
      call: (owner, call) => owner.explain(place, call),
    });
    return { explanation };
  };
}
