// Page tokens: where a list goes on, bound to the list and the filter it was given for.
import { createHash } from 'node:crypto';
import { fail } from '#kernel/errors/errors.ts';

/** Rows in a page when the caller does not say. */
const PAGE_SIZE_DEFAULT = 50;
/** Most rows in a page. */
const PAGE_SIZE_MAX = 1_000;

/** A list and its filter; tokens of another one are refused. */
export type ListKey = { readonly list: string; readonly filter: readonly unknown[] };

/** One page of rows, with the token of the next; the token is empty on the last page. */
export type Page<Row> = { readonly rows: readonly Row[]; readonly nextPageToken: string };

/** How many rows a page has: 50 for 0, at most 1,000. */
export function pageSizeOf(asked: number): number {
  return asked === 0 ? PAGE_SIZE_DEFAULT : Math.min(asked, PAGE_SIZE_MAX);
}

/**
 * The position in a token: what `positionOf` said of the last row before it. Undefined for the
 * first page; `bad_page_token`.
 */
export function readPageToken(token: string, key: ListKey): string | undefined {
  if (token === '') return undefined;
  const bytes = Buffer.from(token, 'base64url');
  const binding = bytes.subarray(0, BINDING_BYTES);
  if (!binding.equals(bindingOf(key))) {
    throw fail('bad_page_token', 'this page_token is of another list or filter; begin without one');
  }
  return bytes.subarray(BINDING_BYTES).toString('utf8');
}

/**
 * The page of rows that were read with one row more than it takes, to see whether another follows.
 */
export function toPage<Row>(
  rows: readonly Row[],
  pageSize: number,
  key: ListKey,
  positionOf: (row: Row) => string,
): Page<Row> {
  const last = rows[pageSize - 1];
  if (rows.length <= pageSize || last === undefined) return { rows, nextPageToken: '' };
  const bytes = Buffer.concat([bindingOf(key), Buffer.from(positionOf(last), 'utf8')]);
  return { rows: rows.slice(0, pageSize), nextPageToken: bytes.toString('base64url') };
}

const BINDING_BYTES = 6;

function bindingOf(key: ListKey): Buffer {
  const text = JSON.stringify([key.list, key.filter]);
  return createHash('sha256').update(text).digest().subarray(0, BINDING_BYTES);
}
