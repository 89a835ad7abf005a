// ConnectionService.PutConnection: add a connection, or replace it whole.
import type { ConnectionService } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import { type ApiHandler, type Mesh, repeated } from '../mesh.ts';

export function putConnection(
  mesh: Mesh,
): ApiHandler<typeof ConnectionService.method.putConnection> {
  return async ({ connection }, context) => {
    const actor = context.principal.userName;
    await repeated(mesh, context, (call) =>
      mesh.catalog.putConnection({ connection, actor }, call),
    );
    return {};
  };
}
