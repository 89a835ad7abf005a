// AssetService.ListQueuedEvents: a page of the updates that await a DAG's further assets.
import type { AssetService } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function listQueuedEvents(
  mesh: Mesh,
): ApiHandler<typeof AssetService.method.listQueuedEvents> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.listQueuedEvents({ query }, call),
    );
    return present(answer.page);
  };
}
