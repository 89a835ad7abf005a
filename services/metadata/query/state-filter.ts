// States to filter by, as they go into a statement.
import { textArray } from '../ledger/database/array.ts';
import type { Names } from '../ledger/record/names.ts';

/** The names of the states as an array literal; undefined for none, which means all. */
export function stateFilter<E extends number>(
  states: readonly E[],
  names: Names<E>,
): string | undefined {
  return states.length === 0 ? undefined : textArray(states.map(names.nameOf));
}
