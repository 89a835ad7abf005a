// WorkerService.ListWorkers: the workers of all executors together.
import type { WorkerService } from '#gen/dagmesh/api/v1/worker_service_pb.ts';
import type { Worker } from '#gen/dagmesh/executor/v1/executor_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { askExecutors } from '../../executors.ts';
import type { ApiHandler, Mesh } from '../mesh.ts';

export function listWorkers(mesh: Mesh): ApiHandler<typeof WorkerService.method.listWorkers> {
  return async (_request, { signal }) => {
    const answers = await askExecutors(mesh, signal, (client, call) =>
      client.listWorkers({}, call),
    );
    return { workers: merge(answers.flatMap(({ workers }) => workers)) };
  };
}

/** By worker_id. Of two executors that know a worker, the one that heard it last is right. */
function merge(workers: readonly Worker[]): Worker[] {
  const latest = new Map<string, Worker>();
  for (const worker of workers) {
    const other = latest.get(worker.workerId);
    if (other === undefined || heardMs(worker) > heardMs(other))
      latest.set(worker.workerId, worker);
  }
  return [...latest.values()].sort((a, b) => (a.workerId < b.workerId ? -1 : 1));
}

function heardMs(worker: Worker): number {
  return fromTimestamp(worker.heardAt) ?? 0;
}
