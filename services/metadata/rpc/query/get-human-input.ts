// QueryService.GetHumanInput
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { findTaskInstance } from '../../query/find-task-instance.ts';
import { readHumanAnswer } from '../../query/human-answers.ts';
import { type HumanInputRow, toHumanInput } from '../../query/human-inputs.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

const GET_HUMAN_INPUT = queryStatement<HumanInputRow>('get_human_input');

export function getHumanInput(rooms: Rooms): Handler<typeof QueryService.method.getHumanInput> {
  const { database } = rooms;
  return async (request) => {
    const query = required(request.query, 'query');
    const found = await findTaskInstance(database, query);
    const place = [found.dag_run_id, found.task_id, found.map_index];
    const [row] = await database.browse(GET_HUMAN_INPUT, place);
    const humanInput = (row && toHumanInput(row)) ?? (await readHumanAnswer(database, found));
    if (humanInput === undefined) {
      throw fail(
        'human_input_not_found',
        `task "${found.task_id}" of run "${found.run_id}" has not asked anybody yet; ` +
          `see what waits for an answer: dagmesh inputs list ${found.dag_id}`,
      );
    }
    return { answer: { humanInput } };
  };
}
