// QueryService.GetDagRun
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { toDagRun } from '../../ledger/record/dag-records.ts';
import { readRunAssetEvents, toAssetEvent } from '../../ledger/asset/asset-events.ts';
import { findRun } from '../../query/find-run.ts';
import { queryStatement } from '../../query/statement.ts';
import type { Rooms } from '../rooms.ts';

type CountRow = { readonly state: string; readonly instances_count: number };

const COUNT_TASK_INSTANCES = queryStatement<CountRow>('count_task_instances');

export function getDagRun(rooms: Rooms): Handler<typeof QueryService.method.getDagRun> {
  const { database } = rooms;
  return async (request) => {
    const run = await findRun(database, request);
    if (request.onlyRun) return { run: { run: toDagRun(run) } };
    const counts = await database.browse(COUNT_TASK_INSTANCES, [run.id]);
    const taskCounts = Object.fromEntries(counts.map((row) => [row.state, row.instances_count]));
    const events = await readRunAssetEvents(database, run.id);
    return { run: { run: toDagRun(run), taskCounts, assetEvents: events.map(toAssetEvent) } };
  };
}
