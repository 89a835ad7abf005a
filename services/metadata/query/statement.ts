// The statements of this room.
import { statementsOf } from '../ledger/database/statement.ts';

/** Reads a statement of `query/sql`. */
export const queryStatement = statementsOf('query', import.meta.url);
