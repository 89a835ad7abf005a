// Patience for commands that wait for long: DagMesh may be restarted meanwhile.
import { backoffMs } from '#kernel/clock/random.ts';
import { isRetryable, messageOf } from '#kernel/errors/errors.ts';
import type { Context } from './context.ts';

/** About a minute of silence in all, the last waits being the longest. */
const RETRIES_MAX = 10;
const FIRST_MS = 200;
const LONGEST_MS = 10_000;

/** Calls until there is an answer, or an error that calling again cannot mend, or patience ends. */
export async function patiently<T>(context: Context, call: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (context.signal.aborted || attempt >= RETRIES_MAX || !isRetryable(error)) throw error;
      if (attempt === 0) context.screen.say(`Trying again: ${messageOf(error)}`);
      const delayMs = backoffMs({ attempt, firstMs: FIRST_MS, maxMs: LONGEST_MS });
      await context.clock.sleep(delayMs, context.signal);
    }
  }
}
