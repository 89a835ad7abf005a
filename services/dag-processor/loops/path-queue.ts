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

/** How a path is asked for. */
export type Asking = {
  /** Although nothing may have changed. */
  readonly isForced?: boolean;
  /** Before all that is not urgent, because somebody waits. */
  readonly isUrgent?: boolean;
};

/** A queue of paths. */
export type PathQueue = {
  /**
   * Works on a path soon, once, however often it is asked for; resolves when work begun after this
   * call has ended. Throws `queue_full` when too many paths wait.
   */
  add(path: string, options?: Asking): Promise<void>;
  /**
   * Forgets what waits, and resolves when what is under way has ended. Those who wait are answered
   * too.
   */
  stop(): Promise<void>;
};

type Waiting = { isForced: boolean; readonly done: PromiseWithResolvers<void> };

/** Two queues in the order of asking, of which the urgent one is emptied first. */
type Lanes = { readonly urgent: Map<string, Waiting>; readonly ordinary: Map<string, Waiting> };

/** A queue with as many workers as `slotsMax`, for at most `pathsMax` waiting paths. */
export function createPathQueue(options: {
  readonly work: PathWork;
  readonly slotsMax: number;
  readonly pathsMax: number;
}): PathQueue {
  const lanes: Lanes = { urgent: new Map(), ordinary: new Map() };
  const running = new Map<string, Promise<void>>();
  const freeSlots = Array.from({ length: options.slotsMax }, (_, slot) => slot);
  let isStopped = false;

  const begin = (path: string, entry: Waiting, slot: number) => {
    const run = options.work({ path, isForced: entry.isForced, slot }).finally(() => {
      running.delete(path);
      freeSlots.push(slot);
      entry.done.resolve();
      beginNext();
    });
    running.set(path, run);
  };
  const beginNext = () => {
    for (const lane of [lanes.urgent, lanes.ordinary]) {
      for (const [path, entry] of lane) {
        if (isStopped || freeSlots.length === 0) return;
        const slot = running.has(path) ? undefined : freeSlots.shift();
        if (slot === undefined) continue;
        lane.delete(path);
        begin(path, entry, slot);
      }
    }
  };

  return {
    add(path, { isForced = false, isUrgent = false } = {}) {
      if (isStopped) return Promise.resolve();
      const known = lanes.urgent.get(path) ?? lanes.ordinary.get(path);
      const waitingCount = lanes.urgent.size + lanes.ordinary.size;
      if (known === undefined && waitingCount >= options.pathsMax) {
        throw fail('queue_full', `${waitingCount} DAG files wait to be read; try again later`);
      }
      const entry = known ?? { isForced, done: Promise.withResolvers() };
      entry.isForced ||= isForced;
      if (isUrgent) lanes.ordinary.delete(path);
      if (isUrgent || known === undefined) lanes[isUrgent ? 'urgent' : 'ordinary'].set(path, entry);
      beginNext();
      return entry.done.promise;
    },
    async stop() {
      isStopped = true;
      for (const lane of Object.values(lanes)) {
        for (const { done } of lane.values()) done.resolve();
        lane.clear();
      }
      await Promise.all(running.values());
    },
  };
}
