// BackfillService.ListBackfills: a page of backfills, with their progress.
import type { BackfillService } from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function listBackfills(mesh: Mesh): ApiHandler<typeof BackfillService.method.listBackfills> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.listBackfills({ query }, call),
    );
    return present(answer.page);
  };
}
