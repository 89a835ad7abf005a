// Time for the worker: the only place that reads a clock or sets a timer.

/** A timer that was set; cancelling it twice, or after it fired, is fine. */
export type Timer = { cancel(): void };

/** Milliseconds on a clock that never steps; only differences mean something. */
export function monotonicMs(): number {
  return performance.now();
}

/** The wall clock, as log lines carry it. */
export function nowIso(): string {
  return new Date().toISOString();
}

/** Runs something once after a while. */
export function after(delayMs: number, run: () => void): Timer {
  const timer = setTimeout(run, delayMs);
  return { cancel: () => clearTimeout(timer) };
}

/** Resolves after a while, at once when aborted. */
export function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = after(delayMs, done);
    signal?.addEventListener('abort', done);
  });
}

/**
 * Exponential growth from `firstMs` to `maxMs`, ±50 % so that many workers do not come back at
 * once.
 */
export function backoffMs(attempt: number, limits: { firstMs: number; maxMs: number }): number {
  const wholeMs = Math.min(limits.maxMs, limits.firstMs * 2 ** Math.min(attempt, 30));
  return wholeMs * (0.5 + Math.random());
}
