// How much one answer may hold: lists that would not fit the caller's message are refused with a
// sentence, not cut.
import { fail } from '#kernel/errors/errors.ts';

/**
 * Most bytes in one answer: with what surrounds the rows it stays below the 4 MiB a message to a
 * worker may have.
 */
export const ANSWER_BYTES_MAX = 3 * 1024 * 1024;
/** Most bytes in an answer that stays between services, whose messages may have 64 MiB. */
export const INTERNAL_BYTES_MAX = 48 * 1024 * 1024;

/** What a row weighs beside its large columns. */
const ROW_BYTES = 400;

/** The rows, or `limit_reached` when they are too large together. */
export function sizedAnswer<Row>(
  rows: readonly Row[],
  largeBytesOf: (row: Row) => number,
  bytesMax: number = ANSWER_BYTES_MAX,
): readonly Row[] {
  const bytes = rows.reduce((sum, row) => sum + ROW_BYTES + largeBytesOf(row), 0);
  if (bytes <= bytesMax) return rows;
  throw fail(
    'limit_reached',
    `these ${rows.length} rows have about ${bytes} bytes, an answer takes ${bytesMax}; ask for fewer`,
  );
}
