// Finds a backfill with its progress, or says that there is none.
import { fail } from '#kernel/errors/errors.ts';
import type { Database } from '../ledger/database.ts';
import type { BackfillStatusRow } from './backfills.ts';
import { queryStatement } from './statement.ts';

const GET_BACKFILL = queryStatement<BackfillStatusRow>('get_backfill');

/** The backfill; `backfill_not_found`. */
export async function findBackfill(
  database: Database,
  backfillId: string,
): Promise<BackfillStatusRow> {
  const [row] = await database.browse(GET_BACKFILL, [backfillId]);
  if (row !== undefined) return row;
  throw fail('backfill_not_found', `there is no backfill ${backfillId}; list the backfills`);
}
