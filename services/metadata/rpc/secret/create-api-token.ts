// SecretService.CreateApiToken
import type { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import type { Rooms } from '../rooms.ts';

export function createApiToken(rooms: Rooms): Handler<typeof SecretService.method.createApiToken> {
  return async ({ userName, role, actor }, { caller }) => ({
    token: await rooms.tokens.create({ userName, role }, actor || caller),
  });
}
