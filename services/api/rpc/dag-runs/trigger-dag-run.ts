// DagRunService.TriggerDagRun: create a run, at most one for each request_id.
import type { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { type ApiHandler, atOwner, type Mesh } from '../mesh.ts';

export function triggerDagRun(mesh: Mesh): ApiHandler<typeof DagRunService.method.triggerDagRun> {
  return async ({ dagId, runId, confJson, logicalDate, requestId }, context) => {
    const request = {
      dagId,
      runId,
      confJson,
      logicalDate,
      actor: context.principal.userName,
      // Made here once, so that the retries towards the owner are still one request.
      requestId: requestId || uuidV7(mesh.clock.nowMs()),
    };
    const created = await atOwner(mesh, context, {
      dagId,
      call: (owner, call) => owner.triggerDagRun(request, call),
    });
    return { runId: created.runId };
  };
}
