// Waiting in tests: for a condition, with a deadline and words for when it never came.
import { setTimeout as sleep } from 'node:timers/promises';

const DEADLINE_MS = 60_000;
const POLL_MS = 10;

/**
 * Resolves once the condition holds. Rejects when it does not in time, naming what was waited for.
 */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const giveUpAtMs = performance.now() + DEADLINE_MS;
  while (!condition()) {
    if (performance.now() > giveUpAtMs) throw new Error(`waited in vain until ${what}`);
    await sleep(POLL_MS);
  }
}
