// Whose kept state a call is about, and whether its task may touch it.
import { StateScope } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { LiveAttempt } from '../../attempts/live-attempts.ts';

/** What every call about kept state says of its owner. */
type StateCall = {
  readonly scope: StateScope;
  readonly assetName: string;
  readonly key: string;
};

/**
 * The state in the words of the ledger. Throws `asset_not_declared` when the task neither reads nor
 * makes the asset.
 */
export function stateOf(attempt: LiveAttempt, { scope, assetName, key }: StateCall) {
  const { attemptId, assets, place } = attempt;
  const isAsset = scope === StateScope.ASSET;
  if (isAsset && !assets.has(assetName)) {
    const name = JSON.stringify(assetName);
    throw fail(
      'asset_not_declared',
      `task ${place.taskId} has no inlet or outlet ${name}; let it declare the asset`,
    );
  }
  return { attemptId, scope, assetName: isAsset ? assetName : '', key };
}
