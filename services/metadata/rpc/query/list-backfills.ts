// QueryService.ListBackfills
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { orAbsent } from '../../ledger/database/array.ts';
import { backfillStates } from '../../ledger/record/names.ts';
import { toBackfillStatus } from '../../query/backfills.ts';
import { LIST_BACKFILLS } from '../../query/find-backfill.ts';
import { requireDag } from '../../query/find-run.ts';
import { readPage } from '../../query/lists.ts';
import { stateFilter } from '../../query/state-filter.ts';
import { required, type Rooms } from '../rooms.ts';

export function listBackfills(rooms: Rooms): Handler<typeof QueryService.method.listBackfills> {
  const { database } = rooms;
  return async (request) => {
    const query = required(request.query, 'query');
    const states = stateFilter(query.states, backfillStates);
    const { rows, nextPageToken } = await readPage(
      database,
      {
        statement: LIST_BACKFILLS,
        list: 'backfills',
        filter: [undefined, orAbsent(query.dagId), states],
        positionOf: (row) => row.id,
      },
      query,
    );
    if (rows.length === 0 && query.dagId !== '') await requireDag(database, query.dagId);
    return { page: { backfills: rows.map(toBackfillStatus), nextPageToken } };
  };
}
