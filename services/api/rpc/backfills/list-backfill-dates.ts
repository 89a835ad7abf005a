// BackfillService.ListBackfillDates: a page of the dates of a backfill.
import type { BackfillService } from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function listBackfillDates(
  mesh: Mesh,
): ApiHandler<typeof BackfillService.method.listBackfillDates> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.listBackfillDates({ query }, call),
    );
    return present(answer.page);
  };
}
