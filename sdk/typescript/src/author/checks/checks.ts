// Checks of single options; each throws a DagError at the author's line.
import { DagError } from './dag-error.ts';

/** The number, if it is whole and within its limits. */
export function wholeNumber(
  option: string,
  value: number,
  limits: { readonly min: number; readonly max?: number },
): number {
  const max = limits.max ?? 2_147_483_647;
  if (Number.isInteger(value) && value >= limits.min && value <= max) return value;
  throw new DagError(
    `${option} is ${value}; it must be a whole number from ${limits.min} to ${max}`,
  );
}

/** The text, if it matches its pattern. */
export function matching(option: string, value: string, pattern: RegExp): string {
  if (pattern.test(value)) return value;
  throw new DagError(`${option} is "${value}"; it must match ${pattern.source}`);
}

/** What a table holds under a name the author gave. */
export function oneOf<Value>(
  option: string,
  name: string,
  table: Readonly<Record<string, Value>>,
): Value {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found !== undefined) return found;
  throw new DagError(`${option} is "${name}"; it must be one of ${Object.keys(table).join(', ')}`);
}
