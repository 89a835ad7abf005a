// AssetService.DeleteQueuedEvents: forget the updates that await a DAG's further assets.
import type { AssetService } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function deleteQueuedEvents(
  mesh: Mesh,
): ApiHandler<typeof AssetService.method.deleteQueuedEvents> {
  return async (query, context) => {
    const actor = context.principal.userName;
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.deleteQueuedEvents({ query, actor }, call),
    );
    return present(answer.answer);
  };
}
