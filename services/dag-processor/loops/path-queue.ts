// Works on paths: a few at once, never twice on one at the same time, never an endless list.
import { fail } from '#kernel/errors/errors.ts';

/**
 * The work on one path. Must not reject. `slot` is below the number of workers and not in use by
 * another one.
 */
export type PathWork = (task: {
  readonly path: string;
  /** Whether somebody asked for it although nothing may have changed. */
  readonly isForced: boolean;
  readonly slot: number;
}) => Promise<void>;

/** A queue of paths. */
export type PathQueue = {
  /**
   * Works on a path soon, once, however often it is asked for; resolves when work begun after this
   * call has ended. Throws `queue_full` when too many paths wait.
   */
  add(path: string, options?: { readonly isForced?: boolean }): Promise<void>;
  /**
   * Forgets what waits, and resolves when what is under way has ended. Those who wait are answered
   * too.
   */
  stop(): Promise<void>;
};

type Waiting = { isForced: boolean; readonly done: PromiseWithResolvers<void> };

/** A queue with as many workers as `slotsMax`, for at most `pathsMax` waiting paths. */
export function createPathQueue(options: {
  readonly work: PathWork;
  readonly slotsMax: number;
  readonly pathsMax: number;
}): PathQueue {
  const waiting = new Map<string, Waiting>();
  const running = new Map<string, Promise<void>>();
  const freeSlots = Array.from({ length: options.slotsMax }, (_, slot) => slot);
  let isStopped = false;

  const begin = (path: string, entry: Waiting, slot: number) => {
    waiting.delete(path);
    const run = options.work({ path, isForced: entry.isForced, slot }).finally(() => {
      running.delete(path);
      freeSlots.push(slot);
      entry.done.resolve();
      beginNext();
    });
    running.set(path, run);
  };
  const beginNext = () => {
    for (const [path, entry] of waiting) {
      if (isStopped || freeSlots.length === 0) return;
      const slot = running.has(path) ? undefined : freeSlots.shift();
      if (slot !== undefined) begin(path, entry, slot);
    }
  };

  return {
    add(path, { isForced = false } = {}) {
      if (isStopped) return Promise.resolve();
      let entry = waiting.get(path);
      if (entry === undefined) {
        if (waiting.size >= options.pathsMax) {
          throw fail('queue_full', `${waiting.size} DAG files wait to be read; try again later`);
        }
        entry = { isForced, done: Promise.withResolvers() };
        waiting.set(path, entry);
      }
      entry.isForced ||= isForced;
      beginNext();
      return entry.done.promise;
    },
    async stop() {
      isStopped = true;
      for (const { done } of waiting.values()) done.resolve();
      waiting.clear();
      await Promise.all(running.values());
    },
  };
}
