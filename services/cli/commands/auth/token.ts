// `dagmesh auth token create` and `revoke`.
import { AuthService, CreateApiTokenResponseSchema } from '#gen/dagmesh/api/v1/auth_service_pb.ts';
import { command, defaulted, required } from '../../command.ts';
import { parseChoice } from '../../core/arguments.ts';
import { toPlain } from '../../core/plain.ts';
import { showOne } from '../../screen.ts';
import { readSecret } from '../../stdin.ts';

const ROLES = new Map(['viewer', 'user', 'op', 'admin'].map((role) => [role, role]));

export const createToken = command({
  path: 'auth token create',
  summary: 'Make an API token',
  about: 'Prints the token; it cannot be shown again.',
  calls: [AuthService.method.createApiToken],
  args: { userName: required('<user-name>', 'whose it is') },
  options: {
    role: defaulted('--role <role>', `what it may do: ${[...ROLES.keys()].join(', ')}`, {
      parse: parseChoice(ROLES),
      otherwise: 'viewer',
    }),
  },
  examples: ['dagmesh auth token create ci --role user > ci.token'],
  run: async ({ args, options }, { api, screen }) => {
    const answer = await api.auth.createApiToken({ userName: args.userName, role: options.role });
    showOne(screen, toPlain(CreateApiTokenResponseSchema, answer), () => answer.token);
    screen.say(`This is the token of ${args.userName} (${options.role}); it is not shown again.`);
  },
});

export const revokeToken = command({
  path: 'auth token revoke',
  summary: 'End an API token, read from stdin',
  calls: [AuthService.method.revokeApiToken],
  examples: ['dagmesh auth token revoke < ci.token'],
  run: async (_given, context) => {
    await context.api.auth.revokeApiToken({ token: await readSecret(context) });
    context.screen.say('Revoked.');
  },
});
