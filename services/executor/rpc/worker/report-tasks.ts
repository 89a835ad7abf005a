// WorkerService.ReportTasks: records outcomes for a worker that cannot stream.
import type { WorkerHandler } from './door.ts';

export const reportTasks: WorkerHandler<'reportTasks'> =
  ({ singleCalls }) =>
  async ({ workerId, reports }, { signal }) => ({
    results: await singleCalls.report(workerId, reports, signal),
  });
