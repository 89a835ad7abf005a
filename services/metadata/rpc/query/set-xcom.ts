// QueryService.SetXCom
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { findTaskInstance } from '../../query/find-task-instance.ts';
import { queryStatement } from '../../query/statement.ts';
import { RETURN_VALUE, taskNotFinished } from '../../query/xcoms.ts';
import { required, type Rooms } from '../rooms.ts';

const SET_XCOM = queryStatement<{ readonly id: string }>('set_xcom');

export function setXCom(rooms: Rooms): Handler<typeof QueryService.method.setXCom> {
  const { database } = rooms;
  return async (request) => {
    const query = required(request.query, 'query');
    requireJson(query.valueJson);
    const key = query.key || RETURN_VALUE;
    const found = await findTaskInstance(database, query);
    const place = [found.dag_run_id, found.task_id, found.map_index, key];
    const [stored] = await database.run(SET_XCOM, [...place, query.valueJson, request.actor]);
    if (stored === undefined) throw taskNotFinished(found);
    return { answer: {} };
  };
}

/** Tasks parse what they pull, so nothing else may be stored. */
function requireJson(text: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw fail('bad_request', 'value_json is not JSON; a text needs quotes: "like this"', {
      cause: error,
    });
  }
}
