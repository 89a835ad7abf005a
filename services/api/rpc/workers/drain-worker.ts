// WorkerService.DrainWorker: find the executor that holds a worker, and let it leave.
import type { WorkerService } from '#gen/dagmesh/api/v1/worker_service_pb.ts';
import { fail, reasonOf } from '#kernel/errors/errors.ts';
import { askExecutors } from '../../executors.ts';
import type { ApiHandler, Mesh } from '../mesh.ts';

export function drainWorker(mesh: Mesh): ApiHandler<typeof WorkerService.method.drainWorker> {
  return async ({ workerId, reason }, context) => {
    const found = await askExecutors(mesh, context.signal, async (client, call) => {
      try {
        await client.drainWorker({ workerId, reason }, call);
        return true;
      } catch (error) {
        if (reasonOf(error) === 'worker_not_found') return false;
        throw error;
      }
    });
    if (!found.includes(true)) {
      throw fail(
        'worker_not_found',
        `no worker "${workerId}" is connected; see those that are: dagmesh workers list`,
      );
    }
    mesh.events.workerDrained({ actor: context.principal.userName, workerId });
    return {};
  };
}
