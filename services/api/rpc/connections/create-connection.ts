// ConnectionService.CreateConnection: add a connection that is not there yet.
// Not repeated when its fate is unknown: the second answer would be another.
import type { ConnectionService } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import { type ApiHandler, type Mesh, once } from '../mesh.ts';

export function createConnection(
  mesh: Mesh,
): ApiHandler<typeof ConnectionService.method.createConnection> {
  return async ({ connection }, context) => {
    const actor = context.principal.userName;
    await once(context, (call) =>
      mesh.catalog.putConnection({ connection, createOnly: true, actor }, call),
    );
    return {};
  };
}
