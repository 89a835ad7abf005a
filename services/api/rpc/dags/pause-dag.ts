// DagService.PauseDag: start nothing new of a DAG.
import type { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { type ApiHandler, atOwner, type Mesh } from '../mesh.ts';

export function pauseDag(mesh: Mesh): ApiHandler<typeof DagService.method.pauseDag> {
  return async ({ dagId }, context) => {
    const actor = context.principal.userName;
    await atOwner(mesh, context, {
      dagId,
      call: (owner, call) => owner.setDagPaused({ dagId, isPaused: true, actor }, call),
    });
    return {};
  };
}
