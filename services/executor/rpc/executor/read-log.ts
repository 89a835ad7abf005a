// ExecutorService.ReadLog: streams an attempt's log, and follows it while it grows.
import { readLog as readStoredLog } from '../../logs/read-log.ts';
import type { ExecutorHandler } from './door.ts';

export const readLog: ExecutorHandler<'readLog'> = ({ store, watchLogEnd }) =>
  async function* (request, { signal }) {
    const { dagId, runId, taskId, mapIndex, epoch } = request;
    const name = { dagId, runId, taskId, mapIndex, epoch };
    const isComplete = watchLogEnd(name);
    const blocks = readStoredLog(store, name, {
      offset: Number(request.offset),
      follow: request.follow,
      isComplete: () => isComplete(signal),
      signal,
    });
    for await (const { offset, content } of blocks) yield { offset: BigInt(offset), content };
  };
