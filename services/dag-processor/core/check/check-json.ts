// JSON out of a DAG file: bounded in depth, and without keys that change objects it meets.

/** How deep arrays and objects may be nested. */
export const JSON_DEPTH_MAX = 32;

/** Keys (and ids used as keys) that JavaScript objects give a meaning of their own. */
export const UNSAFE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** What came of reading a JSON text. */
export type JsonReading =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'bad'; readonly cause: string };

/** Reads a JSON text and checks it. */
export function readJson(text: string): JsonReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'bad', cause: `is not JSON: ${reason}` };
  }
  const cause = unsafePlace(value);
  return cause === undefined ? { kind: 'json', value } : { kind: 'bad', cause };
}

// Level by level and without recursion, because the depth is what is in doubt.
function unsafePlace(value: unknown): string | undefined {
  let level: readonly object[] = isNested(value) ? [value] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > JSON_DEPTH_MAX) return `is nested deeper than ${JSON_DEPTH_MAX} levels`;
    for (const each of level) {
      const unsafe = Object.keys(each).find((key) => UNSAFE_KEYS.has(key));
      if (unsafe !== undefined) return `has a key "${unsafe}", which is not allowed; rename it`;
    }
    level = level.flatMap((each) => Object.values(each).filter(isNested));
  }
  return undefined;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
