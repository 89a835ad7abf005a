// AuthService.RevokeApiToken: end a token, here at once and at other doors within a second.
import type { AuthService } from '#gen/dagmesh/api/v1/auth_service_pb.ts';
import { type ApiHandler, type Mesh, repeated } from '../mesh.ts';

export function revokeApiToken(mesh: Mesh): ApiHandler<typeof AuthService.method.revokeApiToken> {
  return async ({ token }, context) => {
    const actor = context.principal.userName;
    await repeated(mesh, context, (call) => mesh.secrets.revokeApiToken({ token, actor }, call));
    mesh.tokens.forget();
    mesh.events.tokenRevoked({ actor });
    return {};
  };
}
