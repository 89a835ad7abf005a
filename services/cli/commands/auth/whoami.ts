// `dagmesh auth whoami`: whose token this is.
import { AuthService, GetSelfResponseSchema } from '#gen/dagmesh/api/v1/auth_service_pb.ts';
import { command } from '../../command.ts';
import { visible } from '../../core/escape.ts';
import { toPlain } from '../../core/plain.ts';
import { showOne } from '../../screen.ts';

export const whoami = command({
  path: 'auth whoami',
  summary: 'Say whose token is used',
  calls: [AuthService.method.getSelf],
  examples: ['dagmesh auth whoami'],
  run: async (_given, { api, screen }) => {
    const self = await api.auth.getSelf({});
    showOne(screen, toPlain(GetSelfResponseSchema, self), () =>
      visible(`${self.userName} (${self.role})`),
    );
  },
});
