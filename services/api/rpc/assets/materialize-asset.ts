// AssetService.MaterializeAsset: run the DAG that makes an asset.
import type { AssetService } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { pickProducer } from '../../core/pick-producer.ts';
import { type ApiHandler, atOwner, type Mesh, requestIdOf } from '../mesh.ts';
import { findAsset } from './find-asset.ts';

export function materializeAsset(
  mesh: Mesh,
): ApiHandler<typeof AssetService.method.materializeAsset> {
  return async (wanted, context) => {
    const { asset, producers } = await findAsset(mesh, context, wanted);
    const dagId = pickProducer({
      assetName: asset.name,
      dagIds: producers.map((producer) => producer.dagId),
      wanted: wanted.dagId,
    });
    const { confJson, logicalDate, partitionKey, note } = wanted;
    const request = {
      dagId,
      confJson,
      logicalDate,
      partitionKey,
      note,
      runType: RunType.ASSET_MATERIALIZATION,
      actor: context.principal.userName,
      requestId: requestIdOf(mesh, wanted),
    };
    const { runId } = await atOwner(mesh, context, {
      dagId,
      call: (owner, call) => owner.triggerDagRun(request, call),
    });
    return { dagId, runId };
  };
}
