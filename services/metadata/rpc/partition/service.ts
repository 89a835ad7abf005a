// PartitionService: every RPC with those who may call it.
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { type RpcService, rpcService } from '#kernel/rpc/service.ts';
import { CALLERS, only, type Rooms } from '../rooms.ts';
import { releaseExecutor } from './release-executor.ts';
import { releaseScheduler } from './release-scheduler.ts';
import { renewExecutor } from './renew-executor.ts';
import { renewScheduler } from './renew-scheduler.ts';
import { watchPartitions } from './watch-partitions.ts';

export function partitionService(rooms: Rooms): RpcService {
  return rpcService(
    PartitionService,
    {
      renewScheduler: only(['scheduler'], renewScheduler(rooms)),
      releaseScheduler: only(['scheduler'], releaseScheduler(rooms)),
      renewExecutor: only(['executor'], renewExecutor(rooms)),
      releaseExecutor: only(['executor'], releaseExecutor(rooms)),
      watchPartitions: only(
        ['scheduler', 'executor', 'triggerer', 'dag-processor', 'api'],
        watchPartitions(rooms),
      ),
    },
    { callers: CALLERS },
  );
}
