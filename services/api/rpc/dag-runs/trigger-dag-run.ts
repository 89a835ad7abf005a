// DagRunService.TriggerDagRun: create a run, at most one for each request_id.
import type { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { type ApiHandler, atOwner, type Mesh, requestIdOf } from '../mesh.ts';

export function triggerDagRun(mesh: Mesh): ApiHandler<typeof DagRunService.method.triggerDagRun> {
  return async ({ $typeName: _typeName, ...wanted }, context) => {
    const actor = context.principal.userName;
    const request = { ...wanted, actor, requestId: requestIdOf(mesh, wanted) };
    const { runId } = await atOwner(mesh, context, {
      dagId: wanted.dagId,
      call: (owner, call) => owner.triggerDagRun(request, call),
    });
    return { runId };
  };
}
