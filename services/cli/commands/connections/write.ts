// `dagmesh connections add`, `set` and `delete`.
import { ConnectionService } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import { command } from '../../command.ts';
import { connectionArguments, connectionOptions, readConnection } from './fields.ts';

export const addConnection = command({
  path: 'connections add',
  summary: 'Add a connection',
  about: 'Exit code 6 when there is one of that id.',
  calls: [ConnectionService.method.createConnection],
  args: connectionArguments,
  options: connectionOptions,
  examples: [
    'dagmesh connections add warehouse --uri postgres://etl@db.example/dw --password-stdin < pw',
    'dagmesh connections add weather_api --type http --host https://api.example',
  ],
  run: async ({ args, options }, context) => {
    const connection = await readConnection(args.connId, options, context);
    await context.api.connections.createConnection({ connection });
    context.screen.say(`Added connection ${args.connId}.`);
  },
});

export const setConnection = command({
  path: 'connections set',
  summary: 'Add a connection, or replace it whole',
  about: 'What is not given is empty afterwards, the password too.',
  calls: [ConnectionService.method.putConnection],
  args: connectionArguments,
  options: connectionOptions,
  examples: [
    'dagmesh connections set warehouse --uri postgres://etl@db.example/dw --password-stdin < pw',
  ],
  run: async ({ args, options }, context) => {
    const connection = await readConnection(args.connId, options, context);
    await context.api.connections.putConnection({ connection });
    context.screen.say(`Stored connection ${args.connId}.`);
  },
});

export const deleteConnection = command({
  path: 'connections delete',
  summary: 'Delete a connection',
  calls: [ConnectionService.method.deleteConnection],
  args: connectionArguments,
  examples: ['dagmesh connections delete warehouse'],
  run: async ({ args }, { api, screen }) => {
    await api.connections.deleteConnection({ connId: args.connId });
    screen.say(`Deleted connection ${args.connId}.`);
  },
});
