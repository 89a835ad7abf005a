// DagService.UnpauseDag: let a DAG go on.
import type { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { type ApiHandler, atOwner, type Mesh } from '../mesh.ts';

export function unpauseDag(mesh: Mesh): ApiHandler<typeof DagService.method.unpauseDag> {
  return async ({ dagId }, context) => {
    const actor = context.principal.userName;
    await atOwner(mesh, context, {
      dagId,
      call: (owner, call) => owner.setDagPaused({ dagId, isPaused: false, actor }, call),
    });
    return {};
  };
}
