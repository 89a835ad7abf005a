// SecretService.RevokeApiToken
import type { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import type { Rooms } from '../rooms.ts';

export function revokeApiToken(rooms: Rooms): Handler<typeof SecretService.method.revokeApiToken> {
  return async ({ token, actor }, { caller }) => {
    await rooms.tokens.revoke(token, actor || caller);
    return {};
  };
}
