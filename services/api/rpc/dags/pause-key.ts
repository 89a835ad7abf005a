// DagService.PauseKey: hold back what names a limit key, or let it go.
import type { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { type ApiHandler, atOwner, type Mesh } from '../mesh.ts';

export function pauseKey(mesh: Mesh): ApiHandler<typeof DagService.method.pauseKey> {
  return async ({ $typeName: _typeName, ...request }, context) => {
    const actor = context.principal.userName;
    await atOwner(mesh, context, {
      dagId: request.dagId,
      call: (owner, call) => owner.pauseKey({ ...request, actor }, call),
    });
    return {};
  };
}
