// WorkerService.Session: the life of a worker that can stream.
import { serveSession } from '../../backends/worker/session.ts';
import type { WorkerHandler } from './door.ts';

export const session: WorkerHandler<'session'> =
  ({ desk }) =>
  (requests, { signal }) =>
    serveSession(desk, requests, signal);
