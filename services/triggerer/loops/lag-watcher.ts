// Watches how late the event loop comes: one trigger that blocks it delays all others.
import type { Clock } from '#kernel/clock/clock.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { TriggererEvents } from '../events.ts';

/** How often it looks; a longer standstill cannot be missed. */
const LOOK_MS = 500;

/** Measures while its part runs. */
export function createLagWatcher(options: {
  readonly clock: Clock;
  readonly events: Pick<TriggererEvents, 'lagged'>;
}): Part {
  const { clock, events } = options;
  let stopping = new AbortController();
  let watching: Promise<void> | undefined;

  const watch = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      await clock.sleep(LOOK_MS, signal);
      if (!signal.aborted) events.lagged(Math.max(clock.monotonicMs() - startedMs - LOOK_MS, 0));
    }
  };
  return {
    name: 'lag watcher',
    start: async () => {
      stopping = new AbortController();
      watching = watch(stopping.signal);
    },
    stop: async () => {
      stopping.abort();
      await watching;
    },
  };
}
