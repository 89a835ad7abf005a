// QueryService.GetDagRun
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { toDagRun } from '../../ledger/records.ts';
import { type AssetEventRow, toAssetEvent } from '../../ledger/asset-events.ts';
import { findRun } from '../../query/find-run.ts';
import { queryStatement } from '../../query/statement.ts';
import type { Rooms } from '../rooms.ts';

type CountRow = { readonly state: string; readonly instances_count: number };

/** Most updates of assets that an answer names. */
const ASSET_EVENTS_MAX = 1_000;

const COUNT_TASK_INSTANCES = queryStatement<CountRow>('count_task_instances');
const LIST_RUN_ASSET_EVENTS = queryStatement<AssetEventRow>('list_run_asset_events');

export function getDagRun(rooms: Rooms): Handler<typeof QueryService.method.getDagRun> {
  const { database } = rooms;
  return async (request) => {
    const run = await findRun(database, request);
    const counts = await database.browse(COUNT_TASK_INSTANCES, [run.id]);
    const taskCounts = Object.fromEntries(counts.map((row) => [row.state, row.instances_count]));
    const events = await database.browse(LIST_RUN_ASSET_EVENTS, [run.id, ASSET_EVENTS_MAX]);
    return { run: { run: toDagRun(run), taskCounts, assetEvents: events.map(toAssetEvent) } };
  };
}
