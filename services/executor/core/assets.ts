// Which assets a task has to do with.
import type { AssetPort } from '#gen/dagmesh/dag/v1/asset_pb.ts';

/** Names and URIs by which inlets and outlets name their assets. */
export function assetNames(ports: readonly AssetPort[]): ReadonlySet<string> {
  const names = ports.flatMap(({ kind }) =>
    kind.case === 'asset' ? [kind.value.name || kind.value.uri] : [],
  );
  return new Set(names);
}
