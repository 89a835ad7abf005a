// DagService.ListDags: a page of DAGs.
import type { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { type ApiHandler, type Mesh, present, reading } from '../mesh.ts';

export function listDags(mesh: Mesh): ApiHandler<typeof DagService.method.listDags> {
  return async (request, context) => {
    const answer = await reading(mesh, context, (call) =>
      mesh.query.listDags({ query: request }, call),
    );
    return present(answer.page);
  };
}
