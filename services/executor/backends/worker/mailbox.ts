// The way to a worker without a stream: leases wait here for its next call, or go to the call that
// waits for them.
import type { Lease } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import type { WorkerEntry } from '../../core/roster.ts';
import type { Link } from '../link.ts';

/** A link whose leases are fetched. */
export type Mailbox = Link & {
  /**
   * Waits until there are leases, at most `waitMs`, and takes up to `slots` of them; while it
   * waits, the slots count as free. Answers none when the time has passed or the signal aborted.
   */
  fetch(options: {
    readonly slots: number;
    readonly waitMs: number;
    readonly signal: AbortSignal;
  }): Promise<Lease[]>;
};

/** The mailbox of one worker. `onSlots` is called when it has more free slots than before. */
export function createMailbox(options: {
  readonly worker: WorkerEntry;
  readonly clock: Clock;
  readonly onSlots: () => void;
}): Mailbox {
  const { worker, clock } = options;
  let waiting: Lease[] = [];
  const fetchers = new Set<AbortController>();

  const wakeOne = () => {
    for (const fetcher of fetchers) {
      fetchers.delete(fetcher);
      return fetcher.abort();
    }
  };

  const wakeAll = () => {
    for (const fetcher of fetchers) fetcher.abort();
    fetchers.clear();
  };

  return {
    fetch: async ({ slots, waitMs, signal }) => {
      const arrived = new AbortController();
      worker.slots += slots;
      options.onSlots();
      try {
        if (waiting.length === 0) {
          fetchers.add(arrived);
          await clock.sleep(waitMs, AbortSignal.any([arrived.signal, signal]));
        }
        // Leases of one answer arrive one after another in the same turn; take them together.
        await Promise.resolve();
        if (signal.aborted) return [];
        const taken = waiting.slice(0, slots);
        waiting = waiting.slice(slots);
        return taken;
      } finally {
        fetchers.delete(arrived);
        worker.slots -= slots;
        // A call that left without taking must not keep others from what waits.
        if (waiting.length > 0) wakeOne();
      }
    },
    lease: (lease) => {
      waiting.push(lease);
      wakeOne();
    },
    // Answers of ReportTasks and Heartbeat are the way back; the roster remembers what they must
    // say.
    recorded: () => undefined,
    lose: (attemptIds) => {
      waiting = waiting.filter(({ attemptId }) => !attemptIds.includes(attemptId));
    },
    cancel: () => undefined,
    drain: () => undefined,
    goAway: wakeAll,
    end: wakeAll,
  };
}
