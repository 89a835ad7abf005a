// DagRunService.MarkDagRun: set the state of a run by hand.
import type { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { type ApiHandler, atOwner, type Mesh } from '../mesh.ts';

export function markDagRun(mesh: Mesh): ApiHandler<typeof DagRunService.method.markDagRun> {
  return async ({ $typeName: _typeName, ...request }, context) => {
    const actor = context.principal.userName;
    const { taskInstances, state } = await atOwner(mesh, context, {
      dagId: request.dagId,
      call: (owner, call) => owner.markDagRun({ ...request, actor }, call),
    });
    return { taskInstances, state };
  };
}
