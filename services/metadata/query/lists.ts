// How every list is read: a page of rows after a position, one more to see whether another page
// follows.
import { type ListKey, type Page, pageSizeOf, readPageToken, toPage } from '../core/page-token.ts';
import type { Database } from '../ledger/database.ts';
import type { Statement, Value } from '../ledger/statement.ts';

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

/** Reads a page; `bad_page_token` when the token is of another list or filter. */
export async function readPage<Row>(
  database: Database,
  read: ListRead<Row>,
  asked: { readonly pageSize: number; readonly pageToken: string },
): Promise<Page<Row>> {
  const key: ListKey = { list: read.list, filter: read.filter };
  const position = readPageToken(asked.pageToken, key);
  const pageSize = pageSizeOf(asked.pageSize);
  const values = [...read.filter, position, pageSize + 1];
  return toPage(await database.browse(read.statement, values), pageSize, key, read.positionOf);
}
