// QueryService.ListHumanInputs
import {
  type ListHumanInputsRequest,
  HumanInputStatus,
} from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { orAbsent } from '../../ledger/database/array.ts';
import type { Database } from '../../ledger/database/database.ts';
import { findRun, requireDag } from '../../query/find-run.ts';
import { LIST_HUMAN_ANSWERS, toHumanAnswer } from '../../query/human-answers.ts';
import { type HumanInputRow, toHumanInput } from '../../query/human-inputs.ts';
import { readPage } from '../../query/lists.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

const LIST_HUMAN_INPUTS = queryStatement<HumanInputRow>('list_human_inputs');

export function listHumanInputs(rooms: Rooms): Handler<typeof QueryService.method.listHumanInputs> {
  const { database } = rooms;
  return async (request) => {
    const query = required(request.query, 'query');
    const isAnswered = query.status === HumanInputStatus.ANSWERED;
    const page = isAnswered
      ? await readAnswers(database, query)
      : await readQuestions(database, query);
    if (page.humanInputs.length === 0 && query.dagId !== '') {
      if (query.runId === '') await requireDag(database, query.dagId);
      else await findRun(database, query);
    }
    return { page };
  };
}

async function readQuestions(database: Database, query: ListHumanInputsRequest) {
  const { rows, nextPageToken } = await readPage(
    database,
    {
      statement: LIST_HUMAN_INPUTS,
      list: 'human_inputs',
      filter: filterOf(query),
      positionOf: (row) => row.wait_id ?? '',
    },
    query,
  );
  return { humanInputs: rows.flatMap((row) => toHumanInput(row) ?? []), nextPageToken };
}

async function readAnswers(database: Database, query: ListHumanInputsRequest) {
  const { rows, nextPageToken } = await readPage(
    database,
    {
      statement: LIST_HUMAN_ANSWERS,
      list: 'human_answers',
      filter: [...filterOf(query), undefined],
      positionOf: (row) => String(row.id),
    },
    query,
  );
  return { humanInputs: rows.map(toHumanAnswer), nextPageToken };
}

function filterOf({ dagId, runId, assignedUser }: ListHumanInputsRequest) {
  return [orAbsent(dagId), orAbsent(runId), orAbsent(assignedUser)];
}
