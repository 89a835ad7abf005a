// The asset that a request is about, by its name or URI.
import type { Asset, GetAssetResponse } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { type ApiContext, type Mesh, present, repeated } from '../mesh.ts';

/** The asset, and who makes it. Errors: NOT_FOUND (`asset_not_found`). */
export async function findAsset(
  mesh: Mesh,
  context: ApiContext,
  place: { readonly assetName: string; readonly assetUri: string },
): Promise<{ readonly asset: Asset; readonly producers: GetAssetResponse['producers'] }> {
  const { assetName, assetUri } = place;
  const answer = await repeated(mesh, context, (call) =>
    mesh.query.getAsset({ query: { assetName, assetUri } }, call),
  );
  const { asset, producers } = present(answer.answer);
  return { asset: present(asset), producers };
}
