// WorkerService.StreamLogs: log chunks of many attempts, each acknowledged once it is stored.
import type { WorkerHandler } from './door.ts';

export const streamLogs: WorkerHandler<'streamLogs'> = ({ logs }) =>
  async function* (requests, { signal }) {
    for await (const { chunk } of requests) {
      if (chunk === undefined) continue;
      const { attemptId, storedSize } = await logs.append(chunk, signal);
      yield { attemptId, storedSize: BigInt(storedSize) };
    }
  };
