// ConnectionService.ListConnections: a page of connections, without secrets.
import type { ConnectionService } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function listConnections(
  mesh: Mesh,
): ApiHandler<typeof ConnectionService.method.listConnections> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.listConnections({ query }, call),
    );
    return present(answer.page);
  };
}
