// Runs that updates of assets start: one when the condition of the schedule is true, for partitions
// one for each key.
import type { AssetEvent, AssetExpression } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Dag } from '../dag.ts';
import type { Deciding } from '../deciding.ts';
import type { Moment } from '../picture.ts';
import { allowsRunType } from '../graph/dag-version.ts';
import { defaultConf } from '../graph/default-conf.ts';
import { makeRunId } from '../run/run-ids.ts';
import { createRun } from '../run/runs.ts';
import { awaitedBy, conditionOf, isTrue, updatedBy } from './condition.ts';
import { partitionsOf } from './partitions.ts';
import { dropEvents, takeEvents } from './take-events.ts';

/** Runs of a DAG that have not begun, beyond which further events wait and are gathered. */
export const QUEUED_RUNS_MAX = 1_000;
/** Events that may await one DAG whose condition is not true. */
const AWAITING_MAX = 2_000;

/**
 * Makes the runs that a DAG's pending events start. All events there are go into the run: what
 * comes later counts for the next one. A paused or inactive DAG takes none.
 */
export function createAssetRuns(deciding: Deciding, moment: Moment, dag: Dag): void {
  if (dag.deliveries.size === 0) return;
  if (!dag.isPaused && dag.isActive) makeRuns(deciding, moment, dag);
  dropExcess(deciding, dag);
}

function makeRuns(deciding: Deciding, moment: Moment, dag: Dag): void {
  const { version } = dag;
  const condition = conditionOf(version);
  if (condition === undefined || !allowsRunType(version, RunType.ASSET_TRIGGERED)) return;
  const pending = [...dag.deliveries.values()].filter(awaitedBy(condition));
  const { timetable } = version;
  if (timetable?.kind !== 'partitioned_asset') {
    return startIfTrue(deciding, moment, dag, { condition, events: pending, partitionKey: '' });
  }
  const { byKey, foreign, unreadable } = partitionsOf(timetable, pending);
  takeEvents(deciding, dag, foreign);
  dropEvents(deciding, dag, [...unreadable.keys()], (event) => unreadable.get(event) ?? '');
  for (const [partitionKey, events] of byKey) {
    startIfTrue(deciding, moment, dag, { condition, events, partitionKey });
  }
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

/**
 * A DAG that waits for one asset while another is updated all the time keeps the latest of its
 * events; the oldest of the asset with most of them go first.
 */
function dropExcess(deciding: Deciding, dag: Dag): void {
  const excess = dag.deliveries.size - AWAITING_MAX;
  if (excess <= 0) return;
  const byAsset = Map.groupBy(dag.deliveries.values(), ({ assetName }) => assetName);
  const dropped: AssetEvent[] = [];
  while (dropped.length < excess) {
    const [most = []] = [...byAsset.values()].toSorted((a, b) => b.length - a.length);
    dropped.push(...most.splice(0, Math.min(excess - dropped.length, Math.ceil(most.length / 2))));
  }
  dropEvents(deciding, dag, dropped, () => `more than ${AWAITING_MAX} await the DAG`);
}
