// A duty done again and again with a pause between, until it is told to stop.
import type { Clock } from '#kernel/clock/clock.ts';

/** How often, and until when. */
export type Repetition = {
  readonly clock: Clock;
  /** Pause before each turn; asked anew each time. */
  readonly pauseMs: () => number;
  readonly signal: AbortSignal;
  /** Gets what a turn throws; the next turn comes all the same. */
  readonly onError: (error: unknown) => void;
};

/**
 * Runs the duty after each pause; resolves once the signal has aborted and the turn under way is
 * done.
 */
export async function repeat(run: () => Promise<void> | void, options: Repetition): Promise<void> {
  const { clock, signal } = options;
  for (;;) {
    await clock.sleep(options.pauseMs(), signal);
    if (signal.aborted) return;
    try {
      await run();
    } catch (error) {
      if (!signal.aborted) options.onError(error);
    }
  }
}
