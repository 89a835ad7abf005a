// Which assets a DAG still awaits before its condition is true.
import type { AssetEvent, AssetExpression } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { type CompiledPartitionedAsset } from '#kernel/timetable/timetable.ts';
import type { Blocker } from './blocker.ts';
import type { Dag } from '../picture.ts';
import { groupByKey } from '../asset/asset-runs.ts';
import {
  awaits,
  conditionOf,
  isLeafTrue,
  isTrue,
  leavesOf,
  nameOfLeaf,
  updatedBy,
} from '../asset/condition.ts';

/** Assets, and keys of partitions, that are named at most. */
const NAMED_MAX = 20;

/** One for each asset or alias that was not updated since the last run that assets started. */
export function assetBlockers(dag: Dag): readonly Blocker[] {
  const condition = conditionOf(dag.version);
  if (condition === undefined) return [];
  const pending = [...dag.deliveries.values()].filter((event) => awaits(condition, event));
  const { timetable } = dag.version;
  if (timetable?.kind === 'partitioned_asset' && pending.length > 0) {
    return partitionBlockers(timetable, condition, pending);
  }
  return missing(condition, pending, 'since the last run that assets started');
}

function partitionBlockers(
  timetable: CompiledPartitionedAsset,
  condition: AssetExpression,
  pending: readonly AssetEvent[],
): readonly Blocker[] {
  const byKey = groupByKey(timetable, pending);
  const blockers = [...byKey].flatMap(([key, events]) =>
    key === undefined ? [] : missing(condition, events, `for partition "${key}"`),
  );
  return blockers.slice(0, NAMED_MAX);
}

function missing(
  condition: AssetExpression,
  events: readonly AssetEvent[],
  since: string,
): readonly Blocker[] {
  const updated = updatedBy(events);
  if (isTrue(condition, updated)) return [];
  return leavesOf(condition)
    .filter((leaf) => !isLeafTrue(leaf, updated))
    .slice(0, NAMED_MAX)
    .map((leaf) => {
      const subject = nameOfLeaf(leaf);
      const what =
        leaf.case === 'alias' ? `nothing was updated through alias` : 'there is no update of asset';
      const message = `${what} "${subject}" ${since}`;
      return { kind: 'asset', subject, message, remedy: remedyFor(leaf.case, subject) };
    });
}

function remedyFor(kind: 'asset' | 'alias', name: string): string {
  return kind === 'alias'
    ? 'run a task that updates assets through it'
    : `run the DAG that makes it: dagmesh assets materialize ${name}`;
}
