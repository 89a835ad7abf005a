// The deadline of one question to the world.
import type { Clock } from '#kernel/clock/clock.ts';

/** How long a question may take. */
export type Deadline = { readonly clock: Clock; readonly timeoutMs: number };

/**
 * Puts a question whose signal aborts when the time is up, or when the given one does; it then
 * rejects with that signal's reason. A question must heed its signal: one that cannot be given up
 * keeps its place in line, so that no more than that place is lost to it.
 */
export async function withDeadline<T>(
  { clock, timeoutMs }: Deadline,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const giveUp = () => limit.abort(signal.reason);
  const late = () => limit.abort(new Error(`no answer within ${timeoutMs} ms`));
  const timer = clock.timer(timeoutMs, late);
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp);
  try {
    return await ask(limit.signal);
  } catch (error) {
    throw limit.signal.aborted ? limit.signal.reason : error;
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', giveUp);
  }
}
