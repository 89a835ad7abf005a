// Rows as messages: streams are cut into pieces that every receiver takes.

/** Most rows in one message of a stream. */
const ROWS_MAX = 1_000;
/**
 * Most bytes in one message of a stream, by the estimate of its rows; a single larger row travels
 * alone.
 */
const BYTES_MAX = 2 * 1024 * 1024;

/** Cuts rows into pages of at most 1,000 rows and 2 MiB. `bytesOf` estimates a row. */
export async function* pagesOf<Row>(
  rows: AsyncIterable<Row>,
  bytesOf: (row: Row) => number,
): AsyncGenerator<Row[]> {
  let page: Row[] = [];
  let pageBytes = 0;
  for await (const row of rows) {
    const bytes = bytesOf(row);
    if (page.length > 0 && (page.length === ROWS_MAX || pageBytes + bytes > BYTES_MAX)) {
      yield page;
      page = [];
      pageBytes = 0;
    }
    page.push(row);
    pageBytes += bytes;
  }
  if (page.length > 0) yield page;
}
