// Reads lists page by page until the limit a person asked for.
import { defaulted } from './command.ts';
import { parseWhole } from './core/arguments.ts';
import type { Screen } from './screen.ts';

/** Most rows a list command shows. */
const LIMIT_MAX = 100_000;
/** Rows in one answer, the most the contract allows. */
const PAGE_SIZE_MAX = 1_000;

/** `--limit`, for every list command. */
export const limitOption = defaulted('--limit <count>', 'show at most so many', {
  parse: parseWhole({ min: 1, max: LIMIT_MAX }),
  otherwise: 100,
});

/** Which page to ask for; goes into every list request. */
export type PageRequest = { readonly pageSize: number; readonly pageToken: string };

/** Collects rows up to the limit, and tells a person when there are more. */
export async function collectRows<Page extends { readonly nextPageToken: string }, Row>(options: {
  readonly limit: number;
  readonly screen: Screen;
  readonly fetch: (page: PageRequest) => Promise<Page>;
  readonly rowsOf: (page: Page) => readonly Row[];
}): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let pageToken = '';
  do {
    const pageSize = Math.min(options.limit - rows.length, PAGE_SIZE_MAX);
    const page = await options.fetch({ pageSize, pageToken });
    rows.push(...options.rowsOf(page));
    pageToken = page.nextPageToken;
  } while (pageToken !== '' && rows.length < options.limit);
  if (pageToken !== '') {
    options.screen.say(`There are more than these ${rows.length}; see them with --limit.`);
  }
  return rows;
}

/** Finds one row where the contract only has a list; reads at most as many rows as a list shows. */
export async function findRow<Page extends { readonly nextPageToken: string }, Row>(options: {
  readonly fetch: (page: PageRequest) => Promise<Page>;
  readonly rowsOf: (page: Page) => readonly Row[];
  readonly isWanted: (row: Row) => boolean;
}): Promise<Row | undefined> {
  let pageToken = '';
  for (let read = 0; read < LIMIT_MAX; read += PAGE_SIZE_MAX) {
    const page = await options.fetch({ pageSize: PAGE_SIZE_MAX, pageToken });
    const row = options.rowsOf(page).find(options.isWanted);
    if (row !== undefined) return row;
    pageToken = page.nextPageToken;
    if (pageToken === '') return undefined;
  }
  return undefined;
}
