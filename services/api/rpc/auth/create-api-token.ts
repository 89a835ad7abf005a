// AuthService.CreateApiToken: a new token, shown in this answer only.
import type { AuthService } from '#gen/dagmesh/api/v1/auth_service_pb.ts';
import { type ApiHandler, type Mesh, once } from '../mesh.ts';

export function createApiToken(mesh: Mesh): ApiHandler<typeof AuthService.method.createApiToken> {
  return async ({ userName, role }, context) => {
    const actor = context.principal.userName;
    const { token } = await once(context, (call) =>
      mesh.secrets.createApiToken({ userName, role, actor }, call),
    );
    mesh.events.tokenCreated({ actor, userName, role });
    return { token };
  };
}
