// DagRunService.GetDagRun: one run with its task counts.
import type { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function getDagRun(mesh: Mesh): ApiHandler<typeof DagRunService.method.getDagRun> {
  return async ({ dagId, runId }, context) => {
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.getDagRun({ dagId, runId }, call),
    );
    return present(answer.run);
  };
}
