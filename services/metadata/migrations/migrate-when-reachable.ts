// Migrates at the start of the service, waiting for a database that is still starting itself.
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import { isRetryable } from '#kernel/errors/errors.ts';
import { migrate } from './migrate.ts';

/** How long a starting service waits for its database before it gives up and says so. */
const PATIENCE_MS = 60_000;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;

/**
 * As `migrate`, tried again while the database cannot be reached; rejects after a minute, or when
 * the signal aborts.
 */
export async function migrateWhenReachable(
  databaseUrl: string,
  options: {
    readonly clock: Clock;
    readonly signal: AbortSignal;
    readonly onWait: (error: unknown) => void;
  },
): Promise<readonly string[]> {
  const { clock, signal } = options;
  const endMs = clock.monotonicMs() + PATIENCE_MS;
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await migrate(databaseUrl);
    } catch (error) {
      if (!isRetryable(error) || clock.monotonicMs() > endMs) throw error;
      if (attempt === 0) options.onWait(error);
    }
    const waitMs = backoffMs({ attempt, firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS });
    await clock.sleep(waitMs, signal);
  }
}
