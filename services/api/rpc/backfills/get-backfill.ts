// BackfillService.GetBackfill: one backfill with its progress.
import type { BackfillService } from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function getBackfill(mesh: Mesh): ApiHandler<typeof BackfillService.method.getBackfill> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) => mesh.query.getBackfill({ query }, call));
    return present(answer.answer);
  };
}
