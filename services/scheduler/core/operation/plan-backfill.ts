// What a backfill would do: its dates, and what is done with each of them; or why it cannot be.
import { create } from '@bufbuild/protobuf';
import { type DagRun, RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import {
  type Backfill,
  BackfillAction,
  type BackfillDate,
  BackfillDateSchema,
  ReprocessBehavior,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { isPeriodic, type PlannedRun, runsBetween } from '#kernel/timetable/timetable.ts';
import { tasksNamed } from '../graph/dag-version.ts';
import type { Dag } from '../dag.ts';
import { DagRunState } from '../state.ts';

/** A plan, or what is wrong with the request in a sentence. */
export type BackfillPlan =
  | { readonly kind: 'dates'; readonly dates: readonly BackfillDate[] }
  | { readonly kind: 'refused'; readonly reason: string };

/** The partitions that a backfill is about; none where dates tell its runs apart. */
export function partitionsWanted(dag: Dag, wanted: Backfill, nowMs: number): readonly string[] {
  if (refusal(dag, wanted, nowMs) !== undefined) return [];
  const planned = plannedRuns(dag, wanted, nowMs);
  return typeof planned === 'string'
    ? []
    : planned.flatMap(({ partitionKey }) => partitionKey ?? []);
}

/**
 * Plans a backfill; `existing` are the DAG's runs with a logical date in the range, or those of the
 * partitions it is about, oldest first. Of several for one partition, one that goes on counts, else
 * the latest.
 */
export function planBackfill(
  dag: Dag,
  wanted: Backfill,
  existing: readonly DagRun[],
  nowMs: number,
): BackfillPlan {
  const reason = refusal(dag, wanted, nowMs);
  if (reason !== undefined) return { kind: 'refused', reason };
  const planned = plannedRuns(dag, wanted, nowMs);
  if (typeof planned === 'string') return { kind: 'refused', reason: planned };
  if (planned.length === 0) {
    const words = `the schedule of "${dag.dagId}" has no complete run in this range`;
    return { kind: 'refused', reason: `${words}; choose a longer one that ends in the past` };
  }
  const found = existing.toSorted((a, b) => Number(hasEnded(b)) - Number(hasEnded(a)));
  const byPartition = new Map(found.map((run) => [run.partitionKey, run]));
  const byDate = new Map(found.map((run) => [fromTimestamp(run.logicalDate), run]));
  const runOf = ({ partitionKey, logicalDateMs }: PlannedRun) =>
    partitionKey === undefined ? byDate.get(logicalDateMs) : byPartition.get(partitionKey);
  const ordered = wanted.isReverse ? planned.toReversed() : planned;
  const dates = ordered.map((run, index) =>
    create(BackfillDateSchema, {
      ordinal: index + 1,
      runAfter: toTimestamp(run.runAfterMs),
      partitionKey: run.partitionKey ?? '',
      action: actionFor(wanted, runOf(run)),
      ...instants(run),
    }),
  );
  return { kind: 'dates', dates };
}

function refusal(dag: Dag, wanted: Backfill, nowMs: number): string | undefined {
  const { version } = dag;
  if (!dag.isActive) return `the file of DAG "${dag.dagId}" is gone; bring it back to run the DAG`;
  const fromMs = fromTimestamp(wanted.fromDate);
  const toMs = fromTimestamp(wanted.toDate);
  if (version.timetable === undefined || !isPeriodic(version.timetable)) {
    return `DAG "${dag.dagId}" has no schedule that yields dates; trigger runs of it instead`;
  }
  const { allowedRunTypes } = version;
  if (allowedRunTypes.length > 0 && !allowedRunTypes.includes(RunType.BACKFILL)) {
    return `DAG "${dag.dagId}" does not allow runs of type backfill (allowed_run_types)`;
  }
  if (fromMs === undefined || toMs === undefined) return 'give both from_date and to_date';
  if (fromMs > toMs) return 'from_date lies after to_date; exchange them';
  if (fromMs > nowMs && toMs > nowMs) return 'the whole range lies in the future';
  const unknown = wanted.taskIds.find((id) => tasksNamed(version, id).length === 0);
  if (unknown !== undefined) return `DAG "${dag.dagId}" has no task or group "${unknown}"`;
  if (!version.hasPast) return undefined;
  if (wanted.isReverse) {
    return `tasks of "${dag.dagId}" depend on the past, so its dates cannot run in reverse order`;
  }
  return isReprocessing(wanted)
    ? undefined
    : `tasks of "${dag.dagId}" depend on the past: choose to reprocess failed or completed runs`;
}

function plannedRuns(dag: Dag, wanted: Backfill, nowMs: number): readonly PlannedRun[] | string {
  const { timetable } = dag.version;
  if (timetable === undefined) return [];
  const fromMs = fromTimestamp(wanted.fromDate) ?? 0;
  const toMs = fromTimestamp(wanted.toDate) ?? 0;
  try {
    return runsBetween(timetable, { fromMs, toMs, nowMs });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What is done with a date for which there may be a run already. */
export function actionFor(wanted: Backfill, run: DagRun | undefined): BackfillAction {
  if (run === undefined) return BackfillAction.CREATE;
  if (!hasEnded(run)) return BackfillAction.IN_FLIGHT;
  const hasSucceeded = run.state === DagRunState.SUCCESS;
  if (wanted.reprocessBehavior === ReprocessBehavior.COMPLETED) return BackfillAction.REPROCESS;
  const isFailedWanted = wanted.reprocessBehavior === ReprocessBehavior.FAILED;
  return isFailedWanted && !hasSucceeded ? BackfillAction.REPROCESS : BackfillAction.ALREADY_EXISTS;
}

function isReprocessing({ reprocessBehavior }: Backfill): boolean {
  return (
    reprocessBehavior === ReprocessBehavior.FAILED ||
    reprocessBehavior === ReprocessBehavior.COMPLETED
  );
}

function instants({ logicalDateMs, intervalStartMs, intervalEndMs }: PlannedRun) {
  return {
    ...(logicalDateMs === undefined ? {} : { logicalDate: toTimestamp(logicalDateMs) }),
    ...(intervalStartMs === undefined ? {} : { dataIntervalStart: toTimestamp(intervalStartMs) }),
    ...(intervalEndMs === undefined ? {} : { dataIntervalEnd: toTimestamp(intervalEndMs) }),
  };
}

function hasEnded({ state }: DagRun): boolean {
  return state === DagRunState.SUCCESS || state === DagRunState.FAILED;
}
