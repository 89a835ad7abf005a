// DagService.ListDagVersions: a page of the versions of a DAG.
import type { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function listDagVersions(mesh: Mesh): ApiHandler<typeof DagService.method.listDagVersions> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.listDagVersions({ query }, call),
    );
    return present(answer.page);
  };
}
