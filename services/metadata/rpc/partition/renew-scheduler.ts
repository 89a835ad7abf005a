// PartitionService.RenewScheduler
import type { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { renewScheduler as renew } from '../../mesh/scheduler-lease.ts';
import type { Rooms } from '../rooms.ts';

/** Three renewals of half a second. */
const TTL_DEFAULT_MS = 1_500;

export function renewScheduler(
  rooms: Rooms,
): Handler<typeof PartitionService.method.renewScheduler> {
  return async ({ schedulerId, address, ttl }) => {
    const ttlMs = fromDuration(ttl) ?? TTL_DEFAULT_MS;
    const lease = await renew(rooms.database, { schedulerId, address, ttlMs });
    rooms.events.partitionsMoved(schedulerId, lease.shift);
    return { partitions: [...lease.owned], commitSeq: lease.commitSeq };
  };
}
