// TaskInstanceService.SetTaskInstanceNote: write a note beside a task instance.
import type { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { type ApiHandler, atOwner, type Mesh } from '../mesh.ts';

export function setTaskInstanceNote(
  mesh: Mesh,
): ApiHandler<typeof TaskInstanceService.method.setTaskInstanceNote> {
  return async ({ $typeName: _typeName, ...place }, context) => {
    const actor = context.principal.userName;
    await atOwner(mesh, context, {
      dagId: place.dagId,
      call: (owner, call) => owner.setNote({ ...place, actor }, call),
    });
    return {};
  };
}
