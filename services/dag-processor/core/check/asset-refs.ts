// Where a DAG names assets: in the ports of its tasks and in the condition of its schedule.
import type { AssetExpression, AssetRef } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { DagSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';

/** The condition of a DAG's schedule; undefined when it does not wait for assets. */
export function conditionOf({ timetable }: DagSpec): AssetExpression | undefined {
  const { kind } = timetable ?? {};
  switch (kind?.case) {
    case 'asset':
    case 'assetOrTime':
    case 'partitionedAsset':
      return kind.value.condition;
    default:
      return undefined;
  }
}

/** The assets and aliases that a condition is made of. */
export function* leavesOf(
  condition: AssetExpression | undefined,
): Iterable<Extract<AssetExpression['kind'], { case: 'asset' | 'alias' }>> {
  const { kind } = condition ?? {};
  if (kind?.case === 'asset' || kind?.case === 'alias') yield kind;
  if (kind?.case !== 'all' && kind?.case !== 'any') return;
  for (const each of kind.value.expressions) yield* leavesOf(each);
}

/** All references to assets, those of the schedule first. */
export function assetRefs(dag: DagSpec): readonly AssetRef[] {
  const places = [
    ...leavesOf(conditionOf(dag)),
    ...dag.tasks.flatMap(({ inlets, outlets }) => [...inlets, ...outlets].map(({ kind }) => kind)),
  ];
  return places.flatMap((place) => (place.case === 'asset' ? [place.value] : []));
}
