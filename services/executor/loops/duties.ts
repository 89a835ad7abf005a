// All duties of the executor as one part: they run side by side until it stops.
import type { Part } from '#kernel/lifecycle/lifecycle.ts';

/** Runs the duties; `stopping` ends them, and everything else that waits for it. */
export function createDuties(
  stopping: AbortController,
  duties: readonly (() => Promise<void>)[],
): Part {
  let running: Promise<void>[] = [];
  return {
    name: 'duties',
    start: async () => {
      running = duties.map((run) => run());
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}
