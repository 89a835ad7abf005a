// BackfillService.PauseBackfill: start no further run of it.
import type { BackfillService } from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import { BackfillState } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import type { ApiHandler, Mesh } from '../mesh.ts';
import { changeBackfill } from './change-backfill.ts';

export function pauseBackfill(mesh: Mesh): ApiHandler<typeof BackfillService.method.pauseBackfill> {
  return ({ backfillId }, context) =>
    changeBackfill(mesh, context, { backfillId, state: BackfillState.PAUSED });
}
