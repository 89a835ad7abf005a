// WorkerService.AppendLog: one log chunk of a worker that cannot stream.
import { fail } from '#kernel/errors/errors.ts';
import type { WorkerHandler } from './door.ts';

export const appendLog: WorkerHandler<'appendLog'> =
  ({ logs }) =>
  async ({ chunk }, { signal }) => {
    if (chunk === undefined) throw fail('bad_request', 'chunk is required');
    const { storedSize } = await logs.append(chunk, signal);
    return { storedSize: BigInt(storedSize) };
  };
