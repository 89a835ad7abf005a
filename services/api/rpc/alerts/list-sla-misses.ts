// AlertService.ListSlaMisses: a page of task instances that were late.
import type { AlertService } from '#gen/dagmesh/api/v1/alert_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function listSlaMisses(mesh: Mesh): ApiHandler<typeof AlertService.method.listSlaMisses> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.listSlaMisses({ query }, call),
    );
    return present(answer.page);
  };
}
