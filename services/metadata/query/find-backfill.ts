// Finds a backfill with its progress, or says that there is none.
import { notFound } from '#kernel/errors/not-found.ts';
import type { Database } from '../ledger/database/database.ts';
import type { BackfillStatusRow } from './backfills.ts';
import { queryStatement } from './statement.ts';

/** Takes an id, a DAG and states to filter by (null: any), a position, how many rows. */
export const LIST_BACKFILLS = queryStatement<BackfillStatusRow>('list_backfills');

/** The backfill; `backfill_not_found`. */
export async function findBackfill(
  database: Database,
  backfillId: string,
): Promise<BackfillStatusRow> {
  const [row] = await database.browse(LIST_BACKFILLS, [
    backfillId,
    undefined,
    undefined,
    undefined,
    1,
  ]);
  if (row !== undefined) return row;
  throw notFound('backfill', backfillId);
}
