// AuthService.GetSelf: who the token belongs to.
import type { AuthService } from '#gen/dagmesh/api/v1/auth_service_pb.ts';
import type { ApiHandler } from '../mesh.ts';

export function getSelf(): ApiHandler<typeof AuthService.method.getSelf> {
  return async (_request, { principal }) => principal;
}
