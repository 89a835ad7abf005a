// DagService.ListDags: a page of DAGs.
import type { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function listDags(mesh: Mesh): ApiHandler<typeof DagService.method.listDags> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) => mesh.query.listDags({ query }, call));
    return present(answer.page);
  };
}
