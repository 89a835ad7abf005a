// SecretService.VerifyApiToken
import type { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import type { Rooms } from '../rooms.ts';

export function verifyApiToken(rooms: Rooms): Handler<typeof SecretService.method.verifyApiToken> {
  return ({ token }) => rooms.tokens.verify(token);
}
