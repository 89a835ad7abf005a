// ExecutorService: the inside door, for the api and the schedulers.
import { ExecutorService } from '#gen/dagmesh/executor/v1/executor_service_pb.ts';
import { type RpcService, rpcService } from '#kernel/rpc/service.ts';
import { cancelAttempts } from './cancel-attempts.ts';
import type { ExecutorDoor } from './door.ts';
import { drainWorker } from './drain-worker.ts';
import { listWorkers } from './list-workers.ts';
import { readLog } from './read-log.ts';

/** The service over its parts. */
export function executorService(door: ExecutorDoor): RpcService {
  const handlers = {
    listWorkers: listWorkers(door),
    drainWorker: drainWorker(door),
    cancelAttempts: cancelAttempts(door),
    readLog: readLog(door),
  };
  return rpcService(ExecutorService, handlers, { callers: ['api', 'scheduler', 'standalone'] });
}
