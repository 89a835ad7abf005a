// DagRunService.CancelDagRun: fail a run and end what it is doing.
import type { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { type ApiHandler, atOwner, type Mesh } from '../mesh.ts';

export function cancelDagRun(mesh: Mesh): ApiHandler<typeof DagRunService.method.cancelDagRun> {
  return async ({ dagId, runId }, context) => {
    const actor = context.principal.userName;
    const { cancelledAttemptsCount } = await atOwner(mesh, context, {
      dagId,
      call: (owner, call) => owner.cancelDagRun({ dagId, runId, actor }, call),
    });
    return { cancelledAttemptsCount };
  };
}
