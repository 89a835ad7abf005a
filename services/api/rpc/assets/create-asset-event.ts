// AssetService.CreateAssetEvent: say that an asset was updated outside of any task.
import type { AssetService } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { requireJsonObject } from '../../core/json-object.ts';
import { type ApiHandler, type Mesh, repeated } from '../mesh.ts';
import { findAsset } from './find-asset.ts';

/** The map_index of what comes from no task instance. */
const NO_MAP_INDEX = -1;

export function createAssetEvent(
  mesh: Mesh,
): ApiHandler<typeof AssetService.method.createAssetEvent> {
  return async ({ extraJson, partitionKey, ...place }, context) => {
    requireJsonObject('extra_json', extraJson);
    const { asset } = await findAsset(mesh, context, place);
    const nowMs = mesh.clock.nowMs();
    const event = {
      // Made here once, so that the retries are still one update.
      id: uuidV7(nowMs),
      assetName: asset.name,
      assetUri: asset.uri,
      extraJson,
      partitionKey,
      timestamp: toTimestamp(nowMs),
      sourceMapIndex: NO_MAP_INDEX,
      actor: context.principal.userName,
    };
    await repeated(mesh, context, (call) => mesh.ledger.putAssetEvents({ events: [event] }, call));
    return { event };
  };
}
