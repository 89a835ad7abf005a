// WorkerService.AcquireTasks: waits for work, for a worker that cannot stream.
import { spansOf } from '../../backends/worker/desk.ts';
import type { WorkerHandler } from './door.ts';

export const acquireTasks: WorkerHandler<'acquireTasks'> =
  ({ desk, singleCalls }) =>
  async (request, { signal }) => ({
    leases: await singleCalls.acquire(request, signal),
    ...spansOf(desk),
  });
