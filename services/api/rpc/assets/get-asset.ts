// AssetService.GetAsset: one asset with whatever makes and uses it.
import type { AssetService } from '#gen/dagmesh/api/v1/asset_service_pb.ts';
import { maskedTrigger } from '../../core/masked.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function getAsset(mesh: Mesh): ApiHandler<typeof AssetService.method.getAsset> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) => mesh.query.getAsset({ query }, call));
    const found = present(answer.answer);
    const watchers = found.watchers.map(({ trigger, ...watcher }) => ({
      ...watcher,
      ...(trigger === undefined ? {} : { trigger: maskedTrigger(trigger) }),
    }));
    return { ...found, watchers };
  };
}
