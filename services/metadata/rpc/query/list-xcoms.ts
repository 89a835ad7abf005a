// QueryService.ListXComs
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { orAbsent } from '../../ledger/database/array.ts';
import { findRun } from '../../query/find-run.ts';
import { readPage } from '../../query/lists.ts';
import { queryStatement } from '../../query/statement.ts';
import { toXComEntry, type XComEntryRow } from '../../query/xcoms.ts';
import { required, type Rooms } from '../rooms.ts';

const LIST_XCOMS = queryStatement<XComEntryRow & { readonly position: string }>('list_xcoms');

export function listXComs(rooms: Rooms): Handler<typeof QueryService.method.listXComs> {
  const { database } = rooms;
  return async (request) => {
    const query = required(request.query, 'query');
    const run = await findRun(database, query);
    const { rows, nextPageToken } = await readPage(
      database,
      {
        statement: LIST_XCOMS,
        list: 'xcoms',
        filter: [run.id, orAbsent(query.taskId), query.mapIndex, orAbsent(query.key)],
        positionOf: (row) => row.position,
      },
      query,
    );
    return { page: { xcoms: rows.map(toXComEntry), nextPageToken } };
  };
}
