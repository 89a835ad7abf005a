// PartitionService.ReleaseExecutor
import type { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { releaseExecutor as release } from '../../mesh/executors.ts';
import type { Rooms } from '../rooms.ts';

export function releaseExecutor(
  rooms: Rooms,
): Handler<typeof PartitionService.method.releaseExecutor> {
  return async ({ executorId }) => {
    await release(rooms.database, executorId);
    return {};
  };
}
