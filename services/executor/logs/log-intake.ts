// Log chunks on their way in: whose they are, whether they may still come, and how much of them is
// stored.
import type { LogChunk } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import { type LiveAttempts, stale } from '../attempts/live-attempts.ts';
import type { Tokens } from '../attempts/tokens.ts';
import type { ExecutorEvents } from '../events.ts';
import type { LogName } from './log-path.ts';
import type { LogStore } from './log-store.ts';
import type { LogTails } from './log-tails.ts';

/** What is stored of the log of one attempt. */
export type StoredLog = { readonly attemptId: string; readonly storedSize: number };

/** Takes log chunks. */
export type LogIntake = {
  /**
   * Stores a chunk and answers how much of the log is stored; less than the chunk's offset means
   * that bytes before it are missing. Errors: `stale_attempt`, `log_too_large`, `limit_reached`
   * when the disk is full (nothing is acknowledged then).
   */
  append(chunk: LogChunk, signal: AbortSignal): Promise<StoredLog>;
};

/** Takes chunks of live attempts, and the last bytes of those that have just ended. */
export function createLogIntake(options: {
  readonly live: LiveAttempts;
  readonly tokens: Tokens;
  readonly store: LogStore;
  readonly tails: LogTails;
  readonly events: ExecutorEvents;
}): LogIntake {
  const { live, tokens, store, tails, events } = options;

  const nameOf = async (chunk: LogChunk, signal: AbortSignal) => {
    const claims = tokens.read(chunk.attemptToken);
    const tail = claims === undefined ? undefined : tails.get(claims.attemptId);
    if (claims !== undefined && tail !== undefined) {
      const isWithin = Number(chunk.offset) + chunk.content.length <= tail.size;
      if (!isWithin) throw stale(claims.attemptId);
      return { attemptId: claims.attemptId, name: tail.name };
    }
    const { attemptId, epoch, place } = await live.requireForLog(chunk.attemptToken, signal);
    const name: LogName = { ...place, epoch };
    return { attemptId, name };
  };

  return {
    append: async (chunk, signal) => {
      const { attemptId, name } = await nameOf(chunk, signal);
      const offset = Number(chunk.offset);
      try {
        const storedSize = await store.append(name, { offset, content: chunk.content });
        events.logStored(Math.max(0, Math.min(storedSize - offset, chunk.content.length)));
        tails.stored(attemptId, storedSize);
        return { attemptId, storedSize };
      } catch (error) {
        // A log that is full is whole: nothing more of it is awaited.
        if (reasonOf(error) === 'log_too_large') tails.stored(attemptId, Number.POSITIVE_INFINITY);
        throw error;
      }
    },
  };
}
