// Waiting in tests: for a condition, with a deadline and a sentence for when it never came.
import { setTimeout as sleep } from 'node:timers/promises';

/** Polls until the condition holds; throws "timed out waiting until <what>" at the deadline. */
export async function eventually(
  condition: () => Promise<boolean> | boolean,
  options: { readonly deadlineMs: number; readonly what: string; readonly pollMs?: number },
): Promise<void> {
  const endMs = performance.now() + options.deadlineMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`timed out waiting until ${options.what}`);
    await sleep(options.pollMs ?? 20);
  }
}

/** Polls until the read gives a value; answers it. */
export async function eventuallyGives<T>(
  read: () => Promise<T | undefined> | T | undefined,
  options: { readonly deadlineMs: number; readonly what: string; readonly pollMs?: number },
): Promise<T> {
  let value: T | undefined;
  await eventually(async () => (value = await read()) !== undefined, options);
  return value as T;
}
