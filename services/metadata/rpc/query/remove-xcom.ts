// QueryService.RemoveXCom
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { findTaskInstance } from '../../query/find-task-instance.ts';
import { queryStatement } from '../../query/statement.ts';
import { RETURN_VALUE, taskNotFinished, xcomNotFound } from '../../query/xcoms.ts';
import { required, type Rooms } from '../rooms.ts';

const DELETE_XCOM = queryStatement<{ readonly deleted_count: number }>('delete_xcom');

export function removeXCom(rooms: Rooms): Handler<typeof QueryService.method.removeXCom> {
  const { database } = rooms;
  return async (request) => {
    const query = required(request.query, 'query');
    const key = query.key || RETURN_VALUE;
    const found = await findTaskInstance(database, query);
    const place = [found.dag_run_id, found.task_id, found.map_index, key];
    const [deleted] = await database.run(DELETE_XCOM, [...place, request.actor]);
    if (deleted === undefined) throw taskNotFinished(found);
    if (deleted.deleted_count === 0) throw xcomNotFound(found, key);
    return { answer: {} };
  };
}
