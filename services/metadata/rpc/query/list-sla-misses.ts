// QueryService.ListSlaMisses
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { orAbsent } from '../../ledger/database/array.ts';
import { type Instant, instant } from '../../ledger/record/dag-records.ts';
import { requireDag } from '../../query/find-run.ts';
import { readPage } from '../../query/lists.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

type SlaMissRow = {
  readonly dag_id: string;
  readonly run_id: string;
  readonly task_id: string;
  readonly map_index: number;
  readonly due_at: Instant;
  readonly missed_at: Instant;
  readonly position: string;
};

const LIST_SLA_MISSES = queryStatement<SlaMissRow>('list_sla_misses');

export function listSlaMisses(rooms: Rooms): Handler<typeof QueryService.method.listSlaMisses> {
  const { database } = rooms;
  return async (request) => {
    const query = required(request.query, 'query');
    const { rows, nextPageToken } = await readPage(
      database,
      {
        statement: LIST_SLA_MISSES,
        list: 'sla_misses',
        filter: [orAbsent(query.dagId), orAbsent(query.runId), orAbsent(query.taskId)],
        positionOf: (row) => row.position,
      },
      query,
    );
    if (rows.length === 0 && query.dagId !== '') await requireDag(database, query.dagId);
    const slaMisses = rows.map((row) => ({
      dagId: row.dag_id,
      runId: row.run_id,
      taskId: row.task_id,
      mapIndex: row.map_index,
      dueAt: instant(row.due_at),
      missedAt: instant(row.missed_at),
    }));
    return { page: { slaMisses, nextPageToken } };
  };
}
