// QueryService.GetXCom
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { findTaskInstance } from '../../query/find-task-instance.ts';
import { queryStatement } from '../../query/statement.ts';
import { RETURN_VALUE, toXComEntry, type XComEntryRow, xcomNotFound } from '../../query/xcoms.ts';
import { required, type Rooms } from '../rooms.ts';

const GET_XCOM = queryStatement<XComEntryRow & { readonly value: string }>('get_xcom');

export function getXCom(rooms: Rooms): Handler<typeof QueryService.method.getXCom> {
  const { database } = rooms;
  return async (request) => {
    const query = required(request.query, 'query');
    const key = query.key || RETURN_VALUE;
    const found = await findTaskInstance(database, query);
    const place = [found.dag_run_id, found.task_id, found.map_index, key];
    const [row] = await database.browse(GET_XCOM, place);
    if (row === undefined) throw xcomNotFound(found, key);
    return { answer: { xcom: toXComEntry(row), valueJson: row.value } };
  };
}
