// PartitionService.WatchPartitions
import type { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import type { Rooms } from '../rooms.ts';

export function watchPartitions(
  rooms: Rooms,
): Handler<typeof PartitionService.method.watchPartitions> {
  return (_request, { signal }) => rooms.maps.watch(signal);
}
