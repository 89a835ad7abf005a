// AlertService.ListDeadlines: a page of the deadlines of runs.
import type { AlertService } from '#gen/dagmesh/api/v1/alert_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function listDeadlines(mesh: Mesh): ApiHandler<typeof AlertService.method.listDeadlines> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.listDeadlines({ query }, call),
    );
    return present(answer.page);
  };
}
