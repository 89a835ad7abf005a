// One run, as the ledger has it: a live one, or one that has ended and that a command is about.
import type { AssetEvent } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { type DagRun, RunType, type TaskInstance } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type {
  DagVersionRecord,
  Deadline,
  SlaMiss,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { callbackVersion } from '../alert/callbacks.ts';
import { watchDeadline } from '../alert/deadlines.ts';
import { watchSlas } from '../alert/sla.ts';
import type { Dag } from '../dag.ts';
import { compileVersion } from '../graph/compile-version.ts';
import type { DagVersion } from '../graph/dag-version.ts';
import { joinHeap } from '../heap.ts';
import { partOf } from '../operation/backfills.ts';
import type { Moment, Picture } from '../picture.ts';
import { findLeftBehind } from '../run/other-version.ts';
import { newRun, type Run } from '../run/run.ts';
import { isUncounted, watchTimeout } from '../run/runs.ts';
import { DagRunState } from '../state.ts';
import { loadInstances } from './load-rows.ts';

/**
 * A finished run that a command is about, with all that belongs to it; it is not among its DAG's
 * live runs.
 */
export function loadFinishedRun(
  picture: Picture,
  dag: Dag,
  loaded: {
    readonly run: DagRun;
    readonly version: DagVersionRecord;
    readonly taskInstances: readonly TaskInstance[];
    readonly deadlines?: readonly Deadline[];
    readonly slaMisses?: readonly SlaMiss[];
    readonly assetEvents?: readonly AssetEvent[];
    /** True: it goes on with the DAG's current version instead of its own. */
    readonly isLatest?: boolean;
  },
  moment: Moment,
): Run {
  const own = dag.versions.get(loaded.version.dagVersionId) ?? compileVersion(loaded.version);
  const base = loaded.isLatest ? dag.version : own;
  const taskIds = new Set(loaded.taskInstances.map(({ taskId }) => taskId));
  const version = versionOfRun(base, own, loaded.run, taskIds);
  const run = newRun(picture, dag, { ...runFields(loaded.run), version });
  copyRow(run, loaded.run);
  loadInstances(picture, new Map([[run.id, run]]), loaded.taskInstances, moment);
  for (const deadline of loaded.deadlines ?? []) loadDeadline(picture, dag, deadline, run);
  for (const { taskInstanceId } of loaded.slaMisses ?? []) run.slaMissed.add(taskInstanceId);
  run.events = loaded.assetEvents ?? [];
  if (loaded.isLatest) run.leftBehind = findLeftBehind(picture, run, own, loaded.taskInstances);
  return run;
}

/** Adds a live run to its DAG, as far as its own row says. */
export function loadRun(picture: Picture, dag: Dag, version: DagVersion, row: DagRun): Run {
  const run = newRun(picture, dag, { ...runFields(row), version });
  copyRow(run, row);
  dag.runs.set(run.runId, run);
  if (run.runType === RunType.SCHEDULED) dag.scheduledCount += 1;
  if (run.state === DagRunState.QUEUED) joinHeap(dag.queuedRuns, run);
  else if (!isUncounted(run)) dag.runningCount += 1;
  if (run.state === DagRunState.RUNNING) watchTimeout(picture, run);
  watchSlas(picture, run);
  return run;
}

/** A deadline that is neither kept nor missed, of a DAG or of one of its runs. */
export function loadDeadline(
  picture: Picture,
  dag: Dag,
  deadline: Deadline,
  run: Run | undefined,
): void {
  if (run !== undefined) run.deadlines = [...run.deadlines, deadline];
  watchDeadline(picture, dag, { deadline, run });
}

/**
 * The version that a run goes on with: that of its DAG, of a callback, or the part of it that a
 * backfill runs. The backfill may be over: what the run has instances of tells which part.
 */
export function versionOfRun(
  version: DagVersion,
  own: DagVersion,
  row: DagRun,
  taskIds: ReadonlySet<string> | undefined,
): DagVersion {
  if (row.runType === RunType.CALLBACK) return callbackVersion(version, row.confJson);
  const isTakenOver = row.originalRunType !== RunType.UNSPECIFIED;
  if (row.backfillId === '' || isTakenOver || !taskIds?.size) return version;
  const isPart = own.tasks.some(({ taskId }) => !taskIds.has(taskId));
  return isPart ? partOf(version, taskIds) : version;
}

function runFields(row: DagRun) {
  return {
    id: row.id,
    runId: row.runId,
    runType: row.runType,
    state: row.state,
    logicalDateMs: fromTimestamp(row.logicalDate),
    intervalStartMs: fromTimestamp(row.dataIntervalStart),
    intervalEndMs: fromTimestamp(row.dataIntervalEnd),
    runAfterMs: fromTimestamp(row.runAfter) ?? 0,
    confJson: row.confJson,
    triggeredBy: row.triggeredBy,
    partitionKey: row.partitionKey,
    note: row.note,
    backfillId: row.backfillId,
    backfillOrdinal: row.backfillOrdinal,
    callbackOfRunId: row.callbackOfRunId,
  };
}

function copyRow(run: Run, row: DagRun): void {
  run.queuedAtMs = fromTimestamp(row.queuedAt);
  run.startMs = fromTimestamp(row.startDate);
  run.endMs = fromTimestamp(row.endDate);
  run.clearNumber = row.clearNumber;
  run.stateReason = row.stateReason;
  run.originalRunType = row.originalRunType;
  run.isStored = true;
}
