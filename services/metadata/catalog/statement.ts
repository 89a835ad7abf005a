// The hand-written statements of this room: what touches many rows at once.
import { statementsOf } from '../ledger/database/statement.ts';

/** Reads a statement of `catalog/sql`. */
export const catalogStatement = statementsOf('catalog', import.meta.url);
