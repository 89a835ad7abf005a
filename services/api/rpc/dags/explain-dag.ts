// DagService.ExplainDag: why a DAG has no runs, and its next ones, as its owner says.
import type { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { type ApiHandler, atOwner, type Mesh } from '../mesh.ts';

export function explainDag(mesh: Mesh): ApiHandler<typeof DagService.method.explainDag> {
  return async ({ dagId, nextRuns }, context) => {
    const explanation = await atOwner(mesh, context, {
      dagId,
      call: (owner, call) => owner.explainDag({ dagId, nextRuns }, call),
    });
    return { explanation };
  };
}
