// QueryService.ListVariables
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { readPage } from '../../query/lists.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

type VariableRow = {
  readonly key: string;
  readonly value: string | null;
  readonly description: string;
  readonly is_secret: boolean;
};

const LIST_VARIABLES = queryStatement<VariableRow>('list_variables');
const MASK = '***';

export function listVariables(rooms: Rooms): Handler<typeof QueryService.method.listVariables> {
  return async (request) => {
    const { rows, nextPageToken } = await readPage(
      rooms.database,
      {
        statement: LIST_VARIABLES,
        list: 'variables',
        filter: [],
        positionOf: (row) => row.key,
      },
      required(request.query, 'query'),
    );
    const variables = rows.map(({ key, value, description, is_secret: isSecret }) => ({
      key,
      value: isSecret ? MASK : (value ?? ''),
      description,
      isSecret,
    }));
    return { page: { variables, nextPageToken } };
  };
}
