// AssetService.ListAssets: a page of assets.
import type { AssetService } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function listAssets(mesh: Mesh): ApiHandler<typeof AssetService.method.listAssets> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) => mesh.query.listAssets({ query }, call));
    return present(answer.page);
  };
}
