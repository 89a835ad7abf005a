// SecretService.ResolveConnections
import type { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { resolveConnections as resolve } from '../../secrets/resolve.ts';
import type { Rooms } from '../rooms.ts';

export function resolveConnections(
  rooms: Rooms,
): Handler<typeof SecretService.method.resolveConnections> {
  const { database, sealer } = rooms;
  return async ({ connIds }) => ({ connections: await resolve(database, sealer, connIds) });
}
