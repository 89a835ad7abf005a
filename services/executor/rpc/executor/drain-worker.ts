// ExecutorService.DrainWorker: asks a worker to finish what it has and leave.
import { fail } from '#kernel/errors/errors.ts';
import type { ExecutorHandler } from './door.ts';

export const drainWorker: ExecutorHandler<'drainWorker'> =
  ({ roster, links, events }) =>
  async ({ workerId, reason }) => {
    const worker = roster.workers.get(workerId);
    if (worker === undefined) {
      throw fail('worker_not_found', `worker ${workerId} is not connected to this executor`);
    }
    worker.drainReason = reason || 'an operator asked for it';
    // A suspect one is told when it comes back.
    if (worker.state === 'active') worker.state = 'draining';
    links.get(workerId)?.drain(worker.drainReason);
    events.workerDraining(worker);
    return {};
  };
