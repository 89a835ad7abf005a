// A duty that goes on from start to stop.
import type { Part } from '#kernel/lifecycle/lifecycle.ts';

/**
 * A part that runs `run` from `start` on. `run` must end or reject soon after `signal` aborts,
 * which `stop` waits for; when it rejects before, that is a bug, and ends the program.
 */
export function loopPart(name: string, signal: AbortSignal, run: () => Promise<void>): Part {
  let running: Promise<void> | undefined;
  return {
    name,
    async start() {
      running = run().catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    },
    async stop() {
      await running;
    },
  };
}
