// AssetService.ListAssetEvents: a page of the updates of assets.
import type { AssetService } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function listAssetEvents(
  mesh: Mesh,
): ApiHandler<typeof AssetService.method.listAssetEvents> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.browseAssetEvents({ query }, call),
    );
    return present(answer.page);
  };
}
