// Which DAGs and pools changed: how a change travels through PostgreSQL to the watchers of every
// metadata service.
import { createFeed, type Feed } from './feed.ts';

/** What changed. */
export type CatalogChange = {
  readonly dagIds: readonly string[];
  readonly pools: readonly string[];
};

/** The channel that changes are announced on. */
export const CATALOG_CHANNEL = 'dagmesh_catalog';

/**
 * PostgreSQL takes payloads below 8,000 bytes; an id has at most 250 characters, all of one byte.
 */
const IDS_PER_NOTICE_MAX = 25;

/** A change as the payloads of notices. */
export function toNotices(change: CatalogChange): readonly string[] {
  return [
    ...piecesOf(change.dagIds).map((dagIds) => JSON.stringify({ dagIds, pools: [] })),
    ...piecesOf(change.pools).map((pools) => JSON.stringify({ dagIds: [], pools })),
  ];
}

/**
 * A notice's payload as the change it tells of; undefined for what no metadata service has sent.
 */
export function fromNotice(payload: string): CatalogChange | undefined {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const dagIds: unknown = Reflect.get(value, 'dagIds');
  const pools: unknown = Reflect.get(value, 'pools');
  return isTexts(dagIds) && isTexts(pools) ? { dagIds, pools } : undefined;
}

/** Changes for watchers; what one has not read yet is gathered without repetitions. */
export function createCatalogFeed(): Feed<CatalogChange> {
  return createFeed((earlier, later) => ({
    dagIds: [...new Set([...earlier.dagIds, ...later.dagIds])],
    pools: [...new Set([...earlier.pools, ...later.pools])],
  }));
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function piecesOf(ids: readonly string[]): readonly string[][] {
  const pieces: string[][] = [];
  for (let start = 0; start < ids.length; start += IDS_PER_NOTICE_MAX) {
    pieces.push(ids.slice(start, start + IDS_PER_NOTICE_MAX));
  }
  return pieces;
}
