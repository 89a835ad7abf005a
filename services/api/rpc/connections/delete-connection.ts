// ConnectionService.DeleteConnection: delete a connection.
// Not repeated when its fate is unknown: the second answer would be another.
import type { ConnectionService } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import { type ApiHandler, type Mesh, once } from '../mesh.ts';

export function deleteConnection(
  mesh: Mesh,
): ApiHandler<typeof ConnectionService.method.deleteConnection> {
  return async ({ connId }, context) => {
    const actor = context.principal.userName;
    await once(context, (call) => mesh.catalog.deleteConnection({ connId, actor }, call));
    return {};
  };
}
