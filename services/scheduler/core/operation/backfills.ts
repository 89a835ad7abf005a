// Backfills: the dates of a range, run a few at a time beside the DAG's own runs.
import { create } from '@bufbuild/protobuf';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { DagVersionRecordSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import {
  type Backfill,
  BackfillAction,
  type BackfillDate,
  BackfillState,
} from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { fromTimestamp, toTimestamp } from '#kernel/clock/timestamp.ts';
import { putOnAgenda, takeOffAgenda } from '../agenda.ts';
import type { Dag } from '../dag.ts';
import type { Deciding } from '../deciding.ts';
import { compileVersion } from '../graph/compile-version.ts';
import { type DagVersion, tasksNamed } from '../graph/dag-version.ts';
import type { Moment } from '../picture.ts';
import type { Run } from '../run/run.ts';
import { clearInstances } from './clear.ts';
import { relativesOf } from '../graph/graph.ts';
import type { Instance } from '../instance.ts';
import { createRun } from '../run/runs.ts';
import { selectInstances } from './selection.ts';
import { isoInstant } from '../run/run-ids.ts';
import { DagRunState, isRunFinished } from '../state.ts';

/** Runs of one backfill at once when it does not say. */
const ACTIVE_RUNS_MAX = 10;

/** A run that exists and is to be processed again: it has to be read first. */
export type Reprocess = {
  readonly dag: Dag;
  readonly backfill: Backfill;
  readonly date: BackfillDate;
};

/** Takes up a backfill that was planned. */
export function beginBackfill(
  deciding: Deciding,
  moment: Moment,
  dag: Dag,
  backfill: Backfill,
): void {
  dag.backfills.set(backfill.backfillId, backfill);
  noteChanged(deciding, dag, backfill, backfill.dates);
  advanceBackfills(deciding, moment, dag);
}

/**
 * Goes on with the backfills of a DAG as far as their limits allow; ends those that are done. What
 * has to be read to go on is put down in the picture.
 */
export function advanceBackfills(deciding: Deciding, moment: Moment, dag: Dag): void {
  for (const backfill of dag.backfills.values()) {
    if (!dag.isOwned) continue;
    const isHeld = backfill.state !== BackfillState.RUNNING || dag.isPaused || !dag.isActive;
    if (!isHeld) beginDates(deciding, moment, dag, backfill);
    completeIfDone(deciding, dag, backfill);
  }
}

/** A run of a backfill has ended: one that stops on failure begins nothing more. */
export function noteBackfillRun(deciding: Deciding, run: Run): void {
  const backfill = run.dag.backfills.get(run.backfillId);
  if (backfill === undefined || run.state !== DagRunState.FAILED) return;
  if (!backfill.stopsOnFailure || backfill.state !== BackfillState.RUNNING) return;
  changeBackfill(deciding, run.dag, backfill, BackfillState.CANCELLED);
}

/** A run of a backfill turned out to exist already: its date is served. */
export function noteRefusedRun(deciding: Deciding, run: Run): void {
  const backfill = run.dag.backfills.get(run.backfillId);
  const date = backfill?.dates.find(({ ordinal }) => ordinal === run.backfillOrdinal);
  if (backfill === undefined || date?.runId !== run.runId) return;
  date.runId = '';
  date.action = BackfillAction.ALREADY_EXISTS;
  noteChanged(deciding, run.dag, backfill, [date]);
}

/**
 * Takes a finished run over: everything in it starts over, as part of the backfill. One that goes
 * on again since the backfill was planned is left alone.
 */
export function reprocessRun(
  deciding: Deciding,
  moment: Moment,
  run: Run,
  { backfill, date }: Reprocess,
): void {
  if (date.runId !== '' || backfill.state !== BackfillState.RUNNING) return;
  if (!isRunFinished(run.state)) {
    date.action = BackfillAction.IN_FLIGHT;
    noteChanged(deciding, run.dag, backfill, [date]);
    return advanceBackfills(deciding, moment, run.dag);
  }
  if (run.originalRunType === RunType.UNSPECIFIED) run.originalRunType = run.runType;
  run.runType = RunType.BACKFILL;
  run.backfillId = backfill.backfillId;
  run.backfillOrdinal = date.ordinal;
  date.runId = run.runId;
  noteChanged(deciding, run.dag, backfill, [date]);
  clearInstances(deciding, moment, run, instancesWanted(run, backfill));
}

/** The run that was to be processed again is gone: its date gets a new one. */
export function replaceGoneRun(
  deciding: Deciding,
  moment: Moment,
  { dag, backfill, date }: Reprocess,
): void {
  if (date.runId !== '' || backfill.state !== BackfillState.RUNNING) return;
  date.action = BackfillAction.CREATE;
  noteChanged(deciding, dag, backfill, [date]);
  advanceBackfills(deciding, moment, dag);
}

/** What of a run is processed again: the tasks that are wanted, by default all of them. */
function instancesWanted(run: Run, backfill: Backfill): readonly Instance[] {
  const { taskIds, taskIdsIncludeUpstream } = backfill;
  const how = { includeUpstream: taskIdsIncludeUpstream, includeDownstream: false };
  return selectInstances(run, { taskIds, ...how, addsScope: true });
}

/** Pauses, resumes or ends a backfill; what is running goes on. */
export function changeBackfill(
  deciding: Deciding,
  dag: Dag,
  backfill: Backfill,
  state: BackfillState,
): void {
  backfill.state = state;
  if (state === BackfillState.CANCELLED || state === BackfillState.COMPLETED) {
    backfill.completedAt = toTimestamp(deciding.nowMs);
    dag.backfills.delete(backfill.backfillId);
    takeOffAgenda(deciding.picture.agenda, backfill);
  }
  noteChanged(deciding, dag, backfill, []);
}

/** The version that a backfill of some tasks runs: the others are not there. */
export function subsetOf(version: DagVersion, backfill: Backfill): DagVersion {
  if (backfill.taskIds.length === 0) return version;
  const named = backfill.taskIds.flatMap((id) => tasksNamed(version, id));
  const chosen = new Set(named);
  if (backfill.taskIdsIncludeUpstream) {
    for (const index of relativesOf(version.tasks, named, 'upstream')) chosen.add(index);
  }
  return partOf(
    version,
    new Set([...chosen].flatMap((index) => version.tasks[index]?.taskId ?? [])),
  );
}

/** A version with some of its tasks alone. */
export function partOf(version: DagVersion, taskIds: ReadonlySet<string>): DagVersion {
  const { dagVersionId, dagId, dagFile, bundleName, bundleVersion, spec } = version;
  const tasks = spec.tasks.filter(({ taskId }) => taskIds.has(taskId));
  const part = compileVersion(
    create(DagVersionRecordSchema, {
      ...{ dagVersionId, dagId, dagFile, bundleName, bundleVersion },
      spec: { ...spec, tasks },
    }),
  );
  return { ...part, isWhole: false };
}

/** What the run of a date that is still to be made will be called. */
export function plannedRunId({ action, runAfter, runId }: BackfillDate): string | undefined {
  const runAfterMs = fromTimestamp(runAfter);
  const isPlanned = runId === '' && action === BackfillAction.CREATE && runAfterMs !== undefined;
  return isPlanned ? `backfill__${isoInstant(runAfterMs)}` : undefined;
}

/** How many of its runs go on at once. */
export function backfillRunsMax({ activeRunsMax }: Backfill): number {
  return activeRunsMax || ACTIVE_RUNS_MAX;
}

function beginDates(deciding: Deciding, moment: Moment, dag: Dag, backfill: Backfill): void {
  const { backfillId } = backfill;
  const live = [...dag.runs.values()].filter((run) => run.backfillId === backfillId).length;
  let room = backfillRunsMax(backfill) - live;
  let nextMs = Number.POSITIVE_INFINITY;
  for (const date of backfill.dates) {
    if (room <= 0) break;
    if (date.runId !== '') continue;
    const runAfterMs = fromTimestamp(date.runAfter) ?? moment.nowMs;
    if (date.action === BackfillAction.CREATE && runAfterMs > moment.nowMs) {
      nextMs = Math.min(nextMs, runAfterMs);
    } else if (date.action === BackfillAction.REPROCESS) {
      const key = `${backfillId} ${date.ordinal}`;
      deciding.picture.reprocessWanted.set(key, { dag, backfill, date });
      room -= 1;
    } else if (date.action === BackfillAction.CREATE && isInFlight(dag, date)) {
      date.action = BackfillAction.IN_FLIGHT;
      noteChanged(deciding, dag, backfill, [date]);
    } else if (date.action === BackfillAction.CREATE) {
      makeRun(deciding, moment, { dag, backfill, date });
      room -= 1;
    }
  }
  // A partition to come waits for its time, and others of the backfill do not wait for it.
  if (!Number.isFinite(nextMs)) return;
  putOnAgenda(deciding.picture.agenda, nextMs, { kind: 'backfill', dag }, backfill);
}

/** True when somebody has made a run for the date since the backfill was planned. */
function isInFlight(dag: Dag, date: BackfillDate): boolean {
  const logicalDateMs = fromTimestamp(date.logicalDate);
  if (dag.runs.has(plannedRunId(date) ?? '')) return true;
  const isOfDate = (run: Run) =>
    logicalDateMs === undefined
      ? date.partitionKey !== '' && run.partitionKey === date.partitionKey
      : run.logicalDateMs === logicalDateMs;
  return dag.runs.values().some(isOfDate);
}

function makeRun(deciding: Deciding, moment: Moment, { dag, backfill, date }: Reprocess): void {
  const runAfterMs = fromTimestamp(date.runAfter) ?? moment.nowMs;
  date.runId = plannedRunId(date) ?? `backfill__${isoInstant(moment.nowMs)}`;
  noteChanged(deciding, dag, backfill, [date]);
  createRun(deciding, moment, dag, {
    runId: date.runId,
    runType: RunType.BACKFILL,
    logicalDateMs: fromTimestamp(date.logicalDate),
    intervalStartMs: fromTimestamp(date.dataIntervalStart),
    intervalEndMs: fromTimestamp(date.dataIntervalEnd),
    runAfterMs,
    confJson: backfill.confJson || '{}',
    triggeredBy: 'backfill',
    partitionKey: date.partitionKey,
    backfillId: backfill.backfillId,
    backfillOrdinal: date.ordinal,
    version: subsetOf(dag.version, backfill),
  });
}

function completeIfDone(deciding: Deciding, dag: Dag, backfill: Backfill): void {
  const isPending = backfill.dates.some(({ action, runId }) => isToBeRun(action) && runId === '');
  if (isPending) return;
  for (const run of dag.runs.values()) if (run.backfillId === backfill.backfillId) return;
  changeBackfill(deciding, dag, backfill, BackfillState.COMPLETED);
}

function isToBeRun(action: BackfillAction): boolean {
  return action === BackfillAction.CREATE || action === BackfillAction.REPROCESS;
}

/** The ledger is told of the backfill, and of those of its dates that changed. */
function noteChanged(
  { changes }: Deciding,
  dag: Dag,
  backfill: Backfill,
  dates: readonly BackfillDate[],
): void {
  const known = changes.backfills.get(backfill);
  const changed = known?.dates ?? new Set<BackfillDate>();
  for (const date of dates) changed.add(date);
  changes.backfills.set(backfill, { dag, dates: changed });
}
