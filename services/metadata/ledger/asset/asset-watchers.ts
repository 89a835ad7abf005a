// The watchers of assets, as the owners of the assets' partitions run them.
import { fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { TriggerSpecSchema } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import type {
  AssetWatcherSchema,
  ListAssetWatchersResponseSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { plainArray } from '../database/array.ts';
import type { Database } from '../database/database.ts';
import { pagesOf } from '../database/page.ts';
import { type Instant, instant } from '../record/dag-records.ts';
import { ledgerStatement as sql } from '../database/statement.ts';

type WatcherRow = {
  readonly asset_name: string;
  readonly watcher_name: string;
  readonly dag_id: string;
  readonly trigger: Uint8Array;
  readonly definition_sha256: Uint8Array;
  readonly last_event_time: Instant;
  readonly last_event_sha256: Uint8Array | null;
  readonly cursor: string | null;
};

const LIST_WATCHERS = sql<WatcherRow>('asset/list_asset_watchers');

const ROWS_AT_ONCE = 200;
/** What a row weighs beside its trigger. */
const ROW_BYTES = 400;

/** Streams the watchers of the assets of partitions, each once, as of one instant. */
export async function* listAssetWatchers(
  database: Database,
  partitions: readonly number[],
): AsyncGenerator<MessageInitShape<typeof ListAssetWatchersResponseSchema>> {
  const snapshot = await database.snapshot();
  try {
    const rows = snapshot.rows(LIST_WATCHERS, [plainArray(partitions)], ROWS_AT_ONCE);
    for await (const page of pagesOf(rows, (row) => ROW_BYTES + row.trigger.length)) {
      yield { watchers: page.map(toAssetWatcher) };
    }
  } finally {
    await snapshot.close();
  }
}

function toAssetWatcher(row: WatcherRow): MessageInitShape<typeof AssetWatcherSchema> {
  return {
    assetName: row.asset_name,
    watcherName: row.watcher_name,
    trigger: fromBinary(TriggerSpecSchema, row.trigger),
    dagId: row.dag_id,
    definitionSha256: row.definition_sha256,
    lastEventTime: instant(row.last_event_time),
    lastEventSha256: row.last_event_sha256 ?? new Uint8Array(),
    assetCursor: row.cursor ?? '',
  };
}
