// PartitionService.ReleaseScheduler
import type { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { releaseScheduler as release } from '../../mesh/scheduler-lease.ts';
import type { Rooms } from '../rooms.ts';

export function releaseScheduler(
  rooms: Rooms,
): Handler<typeof PartitionService.method.releaseScheduler> {
  return async ({ schedulerId }) => {
    await release(rooms.database, schedulerId);
    rooms.events.schedulerReleased(schedulerId);
    return {};
  };
}
