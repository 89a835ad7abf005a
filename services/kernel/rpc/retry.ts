// Trying again: only what may help, ever more slowly, never past a deadline.
import type { Clock } from '../clock/clock.ts';
import { backoffMs } from '../clock/random.ts';
import { isRetryable } from '../errors/errors.ts';
import { abortError } from './wire-error.ts';

/** How long and how often. */
export type RetryOptions = {
  readonly clock: Clock;
  /** Ends the trying; the call then fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long to go on in all; after that the last error is thrown. Default 10 s. */
  readonly deadlineMs?: number;
  /** First pause; doubles each time, ±50 %. Default 20 ms. */
  readonly firstMs?: number;
  /** Longest pause. Default 500 ms. */
  readonly maxMs?: number;
  /** Which errors are worth another try; by default those the table of errors calls retryable. */
  readonly isRetryable?: (error: unknown) => boolean;
};

/** What is left for one try. */
export type Try = {
  /** 0 for the first. */
  readonly attempt: number;
  /** Time until the deadline: what to give the call as its own. */
  readonly timeoutMs: number;
};

/** Runs `run` until it succeeds, fails with an error that no retry mends, or the deadline comes. */
export async function retrying<T>(
  run: (current: Try) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { clock, signal, deadlineMs = 10_000, firstMs = 20, maxMs = 500 } = options;
  const mayRetry = options.isRetryable ?? isRetryable;
  const endMs = clock.monotonicMs() + deadlineMs;
  for (let attempt = 0; ; attempt += 1) {
    if (signal?.aborted) throw abortError(signal);
    const timeoutMs = Math.max(endMs - clock.monotonicMs(), 1);
    try {
      return await run({ attempt, timeoutMs });
    } catch (error) {
      if (signal?.aborted) throw abortError(signal);
      const delayMs = backoffMs({ attempt, firstMs, maxMs });
      if (!mayRetry(error) || clock.monotonicMs() + delayMs >= endMs) throw error;
      await clock.sleep(delayMs, signal);
    }
  }
}
