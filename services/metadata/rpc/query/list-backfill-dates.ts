// QueryService.ListBackfillDates
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { BackfillDateStatusSchema } from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { type BackfillDateRow, toBackfillDate } from '../../ledger/backfill/backfills.ts';
import { dagRunStates } from '../../ledger/record/names.ts';
import { type Instant, instant } from '../../ledger/record/dag-records.ts';
import { findBackfill } from '../../query/find-backfill.ts';
import { readPage } from '../../query/lists.ts';
import { stateFilter } from '../../query/state-filter.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

type DateStatusRow = BackfillDateRow & {
  readonly run_state: string | null;
  readonly start_date: Instant;
  readonly end_date: Instant;
};

const LIST_BACKFILL_DATES = queryStatement<DateStatusRow>('list_backfill_dates');

export function listBackfillDates(
  rooms: Rooms,
): Handler<typeof QueryService.method.listBackfillDates> {
  const { database } = rooms;
  return async (request) => {
    const query = required(request.query, 'query');
    const { rows, nextPageToken } = await readPage(
      database,
      {
        statement: LIST_BACKFILL_DATES,
        list: 'backfill_dates',
        filter: [query.backfillId, stateFilter(query.runStates, dagRunStates)],
        positionOf: (row) => String(row.ordinal),
      },
      query,
    );
    if (rows.length === 0) await findBackfill(database, query.backfillId);
    return { page: { dates: rows.map(toDate), nextPageToken } };
  };
}

function toDate(row: DateStatusRow): MessageInitShape<typeof BackfillDateStatusSchema> {
  return {
    date: toBackfillDate(row),
    runState: row.run_state === null ? 0 : dagRunStates.valueOf(row.run_state),
    startDate: instant(row.start_date),
    endDate: instant(row.end_date),
  };
}
