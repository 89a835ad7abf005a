// Updates of an asset for triggers that wait for the next one, in the order of their commits.
import type {
  AssetPlace,
  ListAssetEventsRequest,
  ListAssetEventsResponseSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { fail } from '#kernel/errors/errors.ts';
import { orAbsent, textArray, timeArray } from '../database/array.ts';
import type { Database } from '../database/database.ts';
import { ledgerStatement as sql } from '../database/statement.ts';
import { type AssetEventRow, LIMIT_DEFAULT, LIMIT_MAX, toAssetEvent } from './asset-events.ts';

type NewsRow = AssetEventRow & {
  readonly cursor: string;
  /** Counted from 1; null in the one row there is without news. */
  readonly places: readonly number[] | null;
};

const LIST_NEWS = sql<NewsRow>('asset/list_asset_news');

/** Bytes of the largest extra that is told. */
const EXTRA_BYTES_MAX = 2_048;
/** As PostgreSQL writes a snapshot. */
const CURSOR = /^\d+:\d+:[\d,]*$/;
/** As it writes an id; waits of watchers have ids, too, but no task instance has them. */
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** What is news to those who ask, latest first; `bad_request` for a cursor that is none. */
export async function listAssetNews(
  database: Database,
  { query, places }: Pick<ListAssetEventsRequest, 'query' | 'places'>,
): Promise<MessageInitShape<typeof ListAssetEventsResponseSchema>> {
  const limit = query?.limit || LIMIT_DEFAULT;
  const rows = await database.browse(LIST_NEWS, [
    query?.assetName,
    textArray(places.map(cursorOf)),
    timeArray(places.map(({ since }) => since)),
    textArray(places.map(({ waitId }) => (UUID.test(waitId) ? waitId : undefined))),
    Math.min(limit, LIMIT_MAX),
    EXTRA_BYTES_MAX,
  ]);
  const found = rows.filter((row) => row.places !== null);
  return {
    events: found.map(toAssetEvent),
    news: found.map((row) => ({ places: row.places?.map((place) => place - 1) ?? [] })),
    cursor: rows[0]?.cursor ?? '',
  };
}

function cursorOf({ cursor }: AssetPlace): string | undefined {
  if (cursor === '' || CURSOR.test(cursor)) return orAbsent(cursor);
  throw fail('bad_request', `"${cursor.slice(0, 100)}" is no cursor of an answer`);
}
