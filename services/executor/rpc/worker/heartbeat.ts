// WorkerService.Heartbeat: keeps the attempts of a worker that cannot stream alive.
import type { WorkerHandler } from './door.ts';

export const heartbeat: WorkerHandler<'heartbeat'> =
  ({ singleCalls }) =>
  (request) =>
    singleCalls.heartbeat(request);
