// Time as a part that is handed in: the only place that reads the system's clock.

/** A timer that has not run yet. */
export type Timer = {
  /** Keeps it from running; does nothing when it ran or was cancelled before. */
  cancel(): void;
};

/** Where a part gets its time from. */
export type Clock = {
  /**
   * Wall-clock time in milliseconds since the Unix epoch; may step when the machine's clock is set.
   */
  nowMs(): number;
  /** Milliseconds since some fixed instant, never going back: for measuring spans. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Runs a function once after `ms`, unless cancelled. Does not keep a stopping program alive. */
  timer(ms: number, run: () => void): Timer;
};

/**
 * Longest delay a system timer can hold (2³¹ − 1 ms, 24.8 days); longer ones would fire at once.
 */
export const TIMER_MAX_MS = 2_147_483_647;

/** The system's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = () => {
        clearTimeout(timeout);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timeout = setTimeout(wake, withinLimit(ms));
      signal?.addEventListener('abort', wake);
    }),
  timer: (ms, run) => {
    const timeout = setTimeout(run, withinLimit(ms));
    timeout.unref();
    return { cancel: () => clearTimeout(timeout) };
  },
};

function withinLimit(ms: number): number {
  return Math.min(Math.max(ms, 0), TIMER_MAX_MS);
}
