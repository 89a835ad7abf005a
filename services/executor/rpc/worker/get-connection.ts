// WorkerService.GetConnection: a connection with its secret, for a task that declared it.
import { fail } from '#kernel/errors/errors.ts';
import { notFound } from '#kernel/errors/not-found.ts';
import type { WorkerHandler } from './door.ts';

export const getConnection: WorkerHandler<'getConnection'> =
  ({ live, filler }) =>
  async ({ attemptToken, connId }, { signal }) => {
    const { connections, place } = await live.require(attemptToken, signal);
    if (!connections.includes(connId)) {
      throw fail(
        'connection_not_declared',
        `task ${place.taskId} does not declare connection ${connId}; let it do so`,
      );
    }
    const connection = await filler.connection(connId, signal);
    if (connection === undefined) {
      throw notFound('connection', connId);
    }
    return { connection };
  };
