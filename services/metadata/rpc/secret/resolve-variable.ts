// SecretService.ResolveVariable
import type { SecretService } from '#gen/dagmesh/metadata/v1/secret_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { resolveVariable as resolve } from '../../secrets/resolve.ts';
import type { Rooms } from '../rooms.ts';

export function resolveVariable(
  rooms: Rooms,
): Handler<typeof SecretService.method.resolveVariable> {
  const { database, sealer } = rooms;
  return async ({ key }) => ({ value: await resolve(database, sealer, key) });
}
