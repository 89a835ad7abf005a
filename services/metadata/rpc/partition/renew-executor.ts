// PartitionService.RenewExecutor
import type { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { renewExecutor as renew } from '../../mesh/executors.ts';
import type { Rooms } from '../rooms.ts';

/** Three renewals of five seconds. */
const TTL_DEFAULT_MS = 15_000;

export function renewExecutor(rooms: Rooms): Handler<typeof PartitionService.method.renewExecutor> {
  return async ({ executorId, address, ttl }) => {
    const ttlMs = fromDuration(ttl) ?? TTL_DEFAULT_MS;
    await renew(rooms.database, { executorId, address, ttlMs });
    return {};
  };
}
