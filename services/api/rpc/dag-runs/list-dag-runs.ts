// DagRunService.ListDagRuns: a page of runs.
import type { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function listDagRuns(mesh: Mesh): ApiHandler<typeof DagRunService.method.listDagRuns> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) => mesh.query.listDagRuns({ query }, call));
    return present(answer.page);
  };
}
