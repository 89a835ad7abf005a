// AlertService.ListCallbacks: a page of the runs of callbacks.
import type { AlertService } from '#gen/dagmesh/api/v1/alert_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function listCallbacks(mesh: Mesh): ApiHandler<typeof AlertService.method.listCallbacks> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.listCallbacks({ query }, call),
    );
    return present(answer.page);
  };
}
