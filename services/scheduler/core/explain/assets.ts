// Which assets a DAG still awaits before its condition is true, what has arrived, and what was
// dropped on the way.
import type { AssetEvent, AssetExpression } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { type Blocker, spellCount, spellInstant } from './blocker.ts';
import type { Dag } from '../dag.ts';
import type { DroppedEvent } from '../picture.ts';
import { QUEUED_RUNS_MAX } from '../asset/asset-runs.ts';
import {
  awaitedBy,
  type ConditionLeaf,
  conditionOf,
  isLeafTrue,
  isTrue,
  leavesOf,
  nameOfLeaf,
  type Updated,
  updatedBy,
} from '../asset/condition.ts';
import { partitionsOf } from '../asset/partitions.ts';

/** Assets, and keys of partitions, that are named at most; the rest is counted. */
const NAMED_MAX = 20;

/**
 * One for each asset or alias that was not updated since the last run that assets started, of
 * partitions for each key; then what was dropped.
 */
export function assetBlockers(dag: Dag): readonly Blocker[] {
  const condition = conditionOf(dag.version);
  if (condition === undefined) return [];
  const pending = [...dag.deliveries.values()].filter(awaitedBy(condition));
  return [
    ...fullBlockers(dag),
    ...missingBlockers(dag, condition, pending),
    ...droppedBlockers(dag),
  ];
}

/** So many of its runs have not begun that updates are gathered instead of starting more. */
function fullBlockers({ dagId, queuedRuns }: Dag): readonly Blocker[] {
  if (queuedRuns.members.length < QUEUED_RUNS_MAX) return [];
  const message = `${QUEUED_RUNS_MAX} of its runs have not begun: updates wait until fewer do`;
  const remedy = 'raise max_active_runs of the DAG, or end runs of it';
  return [{ kind: 'active_runs_max', subject: dagId, message, remedy }];
}

function missingBlockers(
  { version: { timetable } }: Dag,
  condition: AssetExpression,
  pending: readonly AssetEvent[],
): readonly Blocker[] {
  const since = 'since the last run that assets started';
  if (timetable?.kind !== 'partitioned_asset') return missing(condition, pending, since);
  const { byKey } = partitionsOf(timetable, pending);
  if (byKey.size === 0) return missing(condition, [], since);
  const all = [...byKey].flatMap(([key, events]) =>
    missing(condition, events, `for partition "${key}"`),
  );
  const restCount = all.length - NAMED_MAX;
  if (restCount <= 0) return all;
  const message = `of partitions, ${spellCount(restCount, 'more update')} of assets are missing`;
  return [...all.slice(0, NAMED_MAX), { kind: 'asset', subject: '', message }];
}

function missing(
  condition: AssetExpression,
  events: readonly AssetEvent[],
  since: string,
): readonly Blocker[] {
  const updated = updatedBy(events);
  if (isTrue(condition, updated)) return [];
  const leaves = leavesOf(condition);
  const arrived = leaves.filter((leaf) => isLeafTrue(leaf, updated)).map(nameOfLeaf);
  const named = arrived.slice(0, NAMED_MAX).map((name) => `"${name}"`);
  const there = named.length === 0 ? '' : `; there is of ${named.join(', ')}`;
  return leaves
    .filter((leaf) => !isLeafTrue(leaf, updated))
    .slice(0, NAMED_MAX)
    .map((leaf) => {
      const subject = nameOfLeaf(leaf);
      const what =
        leaf.case === 'alias' ? `nothing was updated through alias` : 'there is no update of asset';
      const others = isTrue(condition, allBut(leaf, leaves)) ? '; others would do instead' : '';
      const message = `${what} "${subject}" ${since}${there}${others}`;
      return { kind: 'asset', subject, message, remedy: remedyFor(leaf.case, subject) };
    });
}

/** As if all were updated but this one. */
function allBut(leaf: ConditionLeaf, leaves: readonly ConditionLeaf[]): Updated {
  const rest = leaves.filter((each) => each !== leaf);
  const refs = rest.flatMap((each) => (each.case === 'asset' ? [each.value] : []));
  return {
    names: new Set(refs.map(({ name }) => name)),
    uris: new Set(refs.map(({ uri }) => uri)),
    aliases: new Set(rest.flatMap((each) => (each.case === 'alias' ? [each.value] : []))),
  };
}

function remedyFor(kind: 'asset' | 'alias', name: string): string {
  return kind === 'alias'
    ? 'run a task that updates assets through it'
    : `make it: dagmesh assets materialize ${name}; if no DAG does: dagmesh assets emit ${name}`;
}

/** The latest of the updates that no run got though they were meant for one. */
function droppedBlockers({ dropped: { count, latest } }: Dag): readonly Blocker[] {
  return latest.toReversed().map(({ event, why }: DroppedEvent, at) => {
    const subject = event.assetName || event.assetUri;
    const key = event.partitionKey === '' ? '' : ` with partition key "${event.partitionKey}"`;
    const when = spellInstant(fromTimestamp(event.timestamp));
    const more = at === 0 && count > 1 ? ` (${count} were dropped lately)` : '';
    const message = `the update of asset "${subject}"${key} of ${when} was dropped: ${why}${more}`;
    const remedy = 'mend the key where the asset is updated, or how the schedule reads it';
    return { kind: 'asset_dropped', subject, message, remedy };
  });
}
