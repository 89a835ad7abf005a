// DagRunService.ClearDagRun: make the task instances of a run run again, or say which would.
import type { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { type ApiHandler, atOwner, type Mesh } from '../mesh.ts';

export function clearDagRun(mesh: Mesh): ApiHandler<typeof DagRunService.method.clearDagRun> {
  return async ({ dagId, runId, onlyFailed, dryRun, runOnLatestVersion, note }, context) => {
    const request = {
      selection: { dagId, runId },
      onlyFailed,
      dryRun,
      note,
      // Absent is an answer of its own: the run does as its DAG says.
      ...(runOnLatestVersion === undefined ? {} : { runOnLatestVersion }),
      actor: context.principal.userName,
    };
    const { taskInstances, totalCount } = await atOwner(mesh, context, {
      dagId,
      call: (owner, call) => owner.clearTaskInstances(request, call),
    });
    return { taskInstances, totalCount };
  };
}
