// SecretService: every RPC with those who may call it.
import { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import { type RpcService, rpcService } from '#kernel/rpc/service.ts';
import { CALLERS, only, type Rooms } from '../rooms.ts';
import { createApiToken } from './create-api-token.ts';
import { resolveConnections } from './resolve-connections.ts';
import { resolveVariable } from './resolve-variable.ts';
import { revokeApiToken } from './revoke-api-token.ts';
import { verifyApiToken } from './verify-api-token.ts';

export function secretService(rooms: Rooms): RpcService {
  return rpcService(
    SecretService,
    {
      resolveConnections: only(['executor'], resolveConnections(rooms)),
      resolveVariable: only(['executor'], resolveVariable(rooms)),
      verifyApiToken: only(['api'], verifyApiToken(rooms)),
      createApiToken: only(['api'], createApiToken(rooms)),
      revokeApiToken: only(['api'], revokeApiToken(rooms)),
    },
    { callers: CALLERS },
  );
}
