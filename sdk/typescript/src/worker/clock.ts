// Time for the worker: the only place that reads a clock or sets a timer.

/** A timer that was set; cancelling it twice, or after it fired, is fine. */
export type Timer = { cancel(): void };

/** Milliseconds on a clock that never steps; only differences mean something. */
export function monotonicMs(): number {
  return performance.now();
}

/** The wall clock in epoch milliseconds. */
export function nowMs(): number {
  return Date.now();
}

/** The wall clock, as log lines carry it. */
export function nowIso(): string {
  return new Date().toISOString();
}

/** The wall-clock instant that lies so many milliseconds ahead, as deadlines of calls are given. */
export function instantIn(delayMs: number): Date {
  return new Date(nowMs() + delayMs);
}

/** The longest a timer of Node can be; one that is set longer would fire at once. */
const TIMER_MAX_MS = 2_147_483_647;

/** Runs something once after a while, at most 24 days. */
export function after(delayMs: number, run: () => void): Timer {
  const timer = setTimeout(run, Math.min(delayMs, TIMER_MAX_MS));
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
