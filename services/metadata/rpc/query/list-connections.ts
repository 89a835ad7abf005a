// QueryService.ListConnections
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { readPage } from '../../query/lists.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

type ConnectionRow = {
  readonly conn_id: string;
  readonly conn_type: string;
  readonly host: string;
  readonly schema: string;
  readonly login: string;
  readonly port: number;
  readonly description: string;
};

const LIST_CONNECTIONS = queryStatement<ConnectionRow>('list_connections');

export function listConnections(rooms: Rooms): Handler<typeof QueryService.method.listConnections> {
  return async (request) => {
    const { rows, nextPageToken } = await readPage(
      rooms.database,
      {
        statement: LIST_CONNECTIONS,
        list: 'connections',
        filter: [],
        positionOf: (row) => row.conn_id,
      },
      required(request.query, 'query'),
    );
    const connections = rows.map(({ conn_id, conn_type, ...rest }) => ({
      connId: conn_id,
      connType: conn_type,
      ...rest,
    }));
    return { page: { connections, nextPageToken } };
  };
}
