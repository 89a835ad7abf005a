// `dagmesh connections list` and `get`. Secrets can be written, never read.
import {
  type Connection,
  ConnectionSchema,
  ConnectionService,
} from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import { notFound } from '#kernel/errors/not-found.ts';
import { command } from '../../command.ts';
import { visible } from '../../core/escape.ts';
import { toPlain } from '../../core/plain.ts';
import { type Column, drawPairs } from '../../core/table.ts';
import { collectRows, findRow, limitOption } from '../../pages.ts';
import { showList, showOne } from '../../screen.ts';
import { connectionArguments } from './fields.ts';

const COLUMNS: readonly Column<Connection>[] = [
  { title: 'conn_id', cell: (connection) => connection.connId },
  { title: 'type', cell: (connection) => connection.connType },
  { title: 'host', cell: (connection) => connection.host },
  { title: 'port', cell: portOf, align: 'right' },
  { title: 'schema', cell: (connection) => connection.schema },
  { title: 'login', cell: (connection) => connection.login },
  { title: 'description', cell: (connection) => connection.description, wide: true },
];

export const listConnections = command({
  path: 'connections list',
  summary: 'List connections, without their secrets',
  calls: [ConnectionService.method.listConnections],
  options: { limit: limitOption },
  examples: ['dagmesh connections list'],
  run: async ({ options }, { api, screen }) => {
    const rows = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) => api.connections.listConnections(page),
      rowsOf: (page) => page.connections,
    });
    showList(screen, {
      rows,
      plain: (connection) => toPlain(ConnectionSchema, connection),
      columns: COLUMNS,
      empty: 'There are no connections. Add one: dagmesh connections add <conn-id> --uri <uri>',
    });
  },
});

export const getConnection = command({
  path: 'connections get',
  summary: 'Show a connection, without its secrets',
  calls: [ConnectionService.method.listConnections],
  args: connectionArguments,
  examples: ['dagmesh connections get warehouse -o json'],
  run: async ({ args }, { api, screen }) => {
    const connection = await findRow({
      fetch: (page) => api.connections.listConnections(page),
      rowsOf: (page) => page.connections,
      isWanted: (row) => row.connId === args.connId,
    });
    if (connection === undefined) throw notFound('connection', args.connId);
    showOne(screen, toPlain(ConnectionSchema, connection), () =>
      drawPairs([
        ['conn_id', visible(connection.connId)],
        ['type', visible(connection.connType)],
        ['host', visible(connection.host)],
        ['port', portOf(connection)],
        ['schema', visible(connection.schema)],
        ['login', visible(connection.login)],
        ['description', visible(connection.description)],
      ]),
    );
  },
});

function portOf(connection: Connection): string {
  return connection.port === 0 ? '' : String(connection.port);
}
