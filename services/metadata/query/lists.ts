// How every list is read: a page of rows after a position, one more to see whether another page
// follows.
import { type ListKey, type Page, pageSizeOf, readPageToken, toPage } from '../core/page-token.ts';
import type { Database } from '../ledger/database/database.ts';
import { ANSWER_BYTES_MAX } from '../ledger/database/answer-size.ts';
import type { Statement, Value } from '../ledger/database/statement.ts';

/** A list to read. */
export type ListRead<Row> = {
  /** Takes the filter's values, then the position (null for the first page), then how many rows. */
  readonly statement: Statement<Row>;
  /** Name of the list, and the filter as it goes into the statement. */
  readonly list: string;
  readonly filter: readonly Value[];
  /** Where a row stands in the list's order. */
  readonly positionOf: (row: Row) => string;
};

/** Rows are fetched so many at a time, so that large ones are not all here at once. */
const ROWS_AT_ONCE = 100;
/** What a row weighs beside its texts. */
const ROW_BYTES = 200;

/**
 * Reads a page: at most as many rows as are asked for, and at least one, however large, but no more
 * than a message takes. `bad_page_token` when the token is of another list or filter.
 */
export async function readPage<Row>(
  database: Database,
  read: ListRead<Row>,
  asked: { readonly pageSize: number; readonly pageToken: string },
): Promise<Page<Row>> {
  const key: ListKey = { list: read.list, filter: read.filter };
  const position = readPageToken(asked.pageToken, key);
  const pageSize = pageSizeOf(asked.pageSize);
  const values = [...read.filter, position, pageSize + 1];
  const { rows, fittingCount } = await readFitting(database, read.statement, values);
  return toPage(rows, Math.min(pageSize, fittingCount), key, read.positionOf);
}

/** Rows until they are too large together, and one more, which says that others follow. */
async function readFitting<Row>(
  database: Database,
  statement: Statement<Row>,
  values: readonly Value[],
): Promise<{ readonly rows: readonly Row[]; readonly fittingCount: number }> {
  const snapshot = await database.snapshot();
  try {
    const rows: Row[] = [];
    let bytes = 0;
    for await (const row of snapshot.rows(statement, values, ROWS_AT_ONCE)) {
      bytes += bytesOf(row);
      rows.push(row);
      if (bytes > ANSWER_BYTES_MAX && rows.length > 1) {
        return { rows, fittingCount: rows.length - 1 };
      }
    }
    return { rows, fittingCount: rows.length };
  } finally {
    await snapshot.close();
  }
}

function bytesOf(row: unknown): number {
  let bytes = ROW_BYTES;
  for (const value of Object.values(row ?? {})) {
    if (typeof value === 'string') bytes += Buffer.byteLength(value);
    else if (value instanceof Uint8Array) bytes += value.length;
  }
  return bytes;
}
