// Waiting in tests: for a condition, with a deadline and a sentence for when it never came.
import { setTimeout as sleep } from 'node:timers/promises';

/** How long is waited, and for what: a function says it at the deadline, e.g. with logs of then. */
export type Patience = {
  readonly deadlineMs: number;
  readonly what: string | (() => string);
  readonly pollMs?: number;
};

/** Polls until the condition holds; throws "timed out waiting until <what>" at the deadline. */
export async function eventually(
  condition: () => Promise<boolean> | boolean,
  options: Patience,
): Promise<void> {
  const { what } = options;
  const endMs = performance.now() + options.deadlineMs;
  while (!(await condition())) {
    if (performance.now() > endMs) {
      throw new Error(`timed out waiting until ${typeof what === 'string' ? what : what()}`);
    }
    await sleep(options.pollMs ?? 20);
  }
}

/** Polls until the read gives a value; answers it. */
export async function eventuallyGives<T>(
  read: () => Promise<T | undefined> | T | undefined,
  options: Patience,
): Promise<T> {
  let value: T | undefined;
  await eventually(async () => (value = await read()) !== undefined, options);
  return value as T;
}
