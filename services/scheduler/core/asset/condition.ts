// The condition over assets in a DAG's schedule: what it names, and whether it is true.
import type { AssetEvent, AssetExpression, AssetRef } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { DagVersion } from '../graph/dag-version.ts';

/** What was updated, as conditions ask about it. */
export type Updated = {
  readonly names: ReadonlySet<string>;
  readonly uris: ReadonlySet<string>;
  /** Aliases through which anything was updated. */
  readonly aliases: ReadonlySet<string>;
};

/** What a condition says about one asset or alias; it has no conditions in it. */
export type ConditionLeaf = Extract<AssetExpression['kind'], { case: 'asset' | 'alias' }>;

/** The condition of a DAG's schedule; undefined when it does not await assets. */
export function conditionOf({ spec }: DagVersion): AssetExpression | undefined {
  const kind = spec.timetable?.kind;
  switch (kind?.case) {
    case 'asset':
    case 'assetOrTime':
    case 'partitionedAsset':
      return kind.value.condition;
    default:
      return undefined;
  }
}

/** What events have updated. */
export function updatedBy(events: Iterable<AssetEvent>): Updated {
  const names = new Set<string>();
  const uris = new Set<string>();
  const aliases = new Set<string>();
  for (const event of events) {
    names.add(event.assetName);
    uris.add(event.assetUri);
    for (const alias of event.aliases) aliases.add(alias);
  }
  return { names, uris, aliases };
}

/** Whether the condition is true after these updates. */
export function isTrue({ kind }: AssetExpression, updated: Updated): boolean {
  switch (kind.case) {
    case 'asset':
    case 'alias':
      return isLeafTrue(kind, updated);
    case 'all':
      return kind.value.expressions.every((each) => isTrue(each, updated));
    case 'any':
      return kind.value.expressions.some((each) => isTrue(each, updated));
    default:
      return false;
  }
}

/** Whether the asset was updated, or anything through the alias. */
export function isLeafTrue(leaf: ConditionLeaf, { names, uris, aliases }: Updated): boolean {
  if (leaf.case === 'alias') return aliases.has(leaf.value);
  const { name, uri } = leaf.value;
  return name === '' ? uris.has(uri) : names.has(name);
}

/** The assets and aliases that a condition names, each once. */
export function leavesOf(condition: AssetExpression): readonly ConditionLeaf[] {
  const leaves = new Map<string, ConditionLeaf>();
  const open = [condition];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { kind } = next;
    if (kind.case === 'all' || kind.case === 'any')
      open.push(...kind.value.expressions.toReversed());
    else if (kind.case !== undefined) leaves.set(`${kind.case} ${nameOfLeaf(kind)}`, kind);
  }
  return [...leaves.values()];
}

/** What people call it. */
export function nameOfLeaf(leaf: ConditionLeaf): string {
  return leaf.case === 'alias' ? leaf.value : nameOfRef(leaf.value);
}

/** Tells the events whose asset the condition names, or an alias that they came through. */
export function awaitedBy(condition: AssetExpression): (event: AssetEvent) => boolean {
  const leaves = leavesOf(condition);
  return (event) => {
    const updated = updatedBy([event]);
    return leaves.some((leaf) => isLeafTrue(leaf, updated));
  };
}

function nameOfRef({ name, uri }: AssetRef): string {
  return name === '' ? uri : name;
}
