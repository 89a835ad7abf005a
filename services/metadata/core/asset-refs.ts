// What a DAG says about assets: which it declares and watches, which its schedule awaits, which its
// tasks read and make.
import type {
  AssetExpression,
  AssetPort,
  AssetRef,
  AssetSpec,
  AssetWatcherSpec,
} from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { DagSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { Timetable } from '#gen/dagmesh/dag/v1/timetable_pb.ts';

/** How an asset or an alias is named. */
export type Ref = { readonly kind: 'name' | 'uri' | 'alias'; readonly ref: string };

/** What a task reads (inlet) or makes (outlet). */
export type TaskPort = Ref & {
  readonly taskId: string;
  readonly direction: 'inlet' | 'outlet';
};

/** A trigger that watches for updates of an asset. */
export type Watcher = { readonly assetName: string; readonly watcher: AssetWatcherSpec };

/** All of it, each thing once. */
export type AssetFacts = {
  readonly assets: readonly AssetSpec[];
  readonly watchers: readonly Watcher[];
  readonly consumed: readonly Ref[];
  readonly ports: readonly TaskPort[];
};

/** What the spec of a DAG says about assets. */
export function assetFactsOf(spec: DagSpec): AssetFacts {
  const condition = conditionOf(spec.timetable);
  const ports = spec.tasks.flatMap(({ taskId, inlets, outlets }) => [
    ...inlets.flatMap(refOfPort).map((ref) => ({ ...ref, taskId, direction: 'inlet' as const })),
    ...outlets.flatMap(refOfPort).map((ref) => ({ ...ref, taskId, direction: 'outlet' as const })),
  ]);
  const assets = onceBy(spec.assets, (asset) => asset.name);
  return {
    assets,
    watchers: assets.flatMap(({ name: assetName, watchers }) =>
      onceBy(watchers, (watcher) => watcher.name).map((watcher) => ({ assetName, watcher })),
    ),
    consumed: onceBy(condition === undefined ? [] : refsOf(condition), nameOf),
    ports: onceBy(ports, (port) => `${port.direction} ${port.taskId} ${nameOf(port)}`),
  };
}

/** Where an asset is: its URI, or its name when it has none. */
export function uriOf(asset: Pick<AssetSpec, 'name' | 'uri'>): string {
  return asset.uri === '' ? asset.name : asset.uri;
}

function conditionOf(timetable: Timetable | undefined): AssetExpression | undefined {
  switch (timetable?.kind.case) {
    case 'asset':
    case 'assetOrTime':
    case 'partitionedAsset':
      return timetable.kind.value.condition;
    default:
      return undefined;
  }
}

function refsOf({ kind }: AssetExpression): readonly Ref[] {
  switch (kind.case) {
    case 'asset':
      return refOfAsset(kind.value);
    case 'alias':
      return [{ kind: 'alias', ref: kind.value }];
    case 'all':
    case 'any':
      return kind.value.expressions.flatMap(refsOf);
    default:
      return [];
  }
}

function refOfPort({ kind }: AssetPort): readonly Ref[] {
  if (kind.case === 'asset') return refOfAsset(kind.value);
  return kind.case === 'alias' ? [{ kind: 'alias', ref: kind.value }] : [];
}

function refOfAsset({ name, uri }: AssetRef): readonly Ref[] {
  if (name !== '') return [{ kind: 'name', ref: name }];
  return uri === '' ? [] : [{ kind: 'uri', ref: uri }];
}

function nameOf({ kind, ref }: Ref): string {
  return `${kind} ${ref}`;
}

function onceBy<T>(values: readonly T[], keyOf: (value: T) => string): readonly T[] {
  return [...new Map(values.map((value) => [keyOf(value), value])).values()];
}
