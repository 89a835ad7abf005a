// Runs that updates of assets start: one when the condition of the schedule is true, for partitions
// one for each key.
import type { AssetEvent, AssetExpression } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { type CompiledPartitionedAsset, runKeyOf } from '#kernel/timetable/timetable.ts';
import type { Deciding } from '../advance.ts';
import { allowsRunType } from '../graph/dag-version.ts';
import { defaultConf } from '../graph/default-conf.ts';
import type { Dag, Moment } from '../picture.ts';
import { makeRunId } from '../run/run-ids.ts';
import { createRun } from '../run/runs.ts';
import { awaits, conditionOf, isTrue, updatedBy } from './condition.ts';
import { takeEvents } from './take-events.ts';

/** Runs of a DAG that have not begun, beyond which further events wait and are gathered. */
const QUEUED_RUNS_MAX = 1_000;

/**
 * Makes the runs that a DAG's pending events start. All events there are go into the run: what
 * comes later counts for the next one. A paused or inactive DAG takes none.
 */
export function createAssetRuns(deciding: Deciding, moment: Moment, dag: Dag): void {
  if (dag.deliveries.size === 0 || dag.isPaused || !dag.isActive) return;
  const { version } = dag;
  const condition = conditionOf(version);
  if (condition === undefined || !allowsRunType(version, RunType.ASSET_TRIGGERED)) return;
  const pending = [...dag.deliveries.values()].filter((event) => awaits(condition, event));
  const { timetable } = version;
  if (timetable?.kind !== 'partitioned_asset') {
    return startIfTrue(deciding, moment, dag, { condition, events: pending, partitionKey: '' });
  }
  const byKey = groupByKey(timetable, pending);
  takeEvents(deciding, dag, byKey.get(undefined) ?? []);
  byKey.delete(undefined);
  for (const [partitionKey = '', events] of byKey) {
    startIfTrue(deciding, moment, dag, { condition, events, partitionKey });
  }
}

/** Events by the key of the run that they count for; undefined: for none. */
export function groupByKey(
  timetable: CompiledPartitionedAsset,
  events: readonly AssetEvent[],
): Map<string | undefined, AssetEvent[]> {
  return Map.groupBy(events, (event) => keyOf(timetable, event));
}

function startIfTrue(
  deciding: Deciding,
  moment: Moment,
  dag: Dag,
  why: {
    readonly condition: AssetExpression;
    readonly events: readonly AssetEvent[];
    readonly partitionKey: string;
  },
): void {
  const { condition, events, partitionKey } = why;
  if (!isTrue(condition, updatedBy(events))) return;
  if (dag.queuedRuns.members.length >= QUEUED_RUNS_MAX) return;
  const about = {
    runType: RunType.ASSET_TRIGGERED,
    runAfterMs: moment.nowMs,
    logicalDateMs: undefined,
    partitionKey,
  };
  const run = createRun(deciding, moment, dag, {
    ...about,
    runId: makeRunId(about, moment.newId),
    intervalStartMs: undefined,
    intervalEndMs: undefined,
    confJson: defaultConf(dag),
    triggeredBy: 'asset',
    events,
  });
  takeEvents(deciding, dag, events, run);
}

/** Undefined when the event is none of the DAG's business: it has no key, or another one. */
function keyOf(timetable: CompiledPartitionedAsset, event: AssetEvent): string | undefined {
  if (event.partitionKey === '') return undefined;
  try {
    return runKeyOf(timetable, event.assetName, event.partitionKey);
  } catch {
    // A key that is not written as the mapper reads it.
    return undefined;
  }
}
