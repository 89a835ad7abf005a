// Building the picture from what the ledger has: at a takeover, and for single DAGs and runs.
import type { AssetEvent } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { DagRun, TaskAttempt, TaskInstance } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type {
  AssetDelivery,
  CommandReceipt,
  DagRecord,
  DagVersionRecord,
  Deadline,
  KeyPause,
  PoolState,
  RunAssetEvents,
  SlaMiss,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Backfill } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { dropLanes, reconsiderOversized, unpark } from '../limit/admission.ts';
import { partOf } from '../operation/backfills.ts';
import { callbackVersion } from '../alert/callbacks.ts';
import { compileVersion, type DagVersion } from '../graph/dag-version.ts';
import { watchDeadline } from '../alert/deadlines.ts';
import { readCursor } from '../schedule/cursor.ts';
import { leaveLine } from '../limit/fair-line.ts';
import { createHeap, joinHeap } from '../heap.ts';
import { needsHistory } from '../past/history.ts';
import { instancesOf } from '../instance.ts';
import { loadKeyPauses, recallBegins, tuneKeys } from '../limit/key-limits.ts';
import { createLimit } from '../limit/limit.ts';
import { findLeftBehind } from '../run/left-behind.ts';
import { loadAttempts, loadInstances } from './load-rows.ts';
import type { Dag, Moment, Picture, Receipt, Run } from '../picture.ts';
import { poolOf } from '../limit/pool.ts';
import { forgetVersion, isUncounted, newRun, watchTimeout } from '../run/runs.ts';
import { watchSlas } from '../alert/sla.ts';
import { DagRunState } from '../state.ts';

/** Receipts that are remembered. */
const RECEIPTS_MAX = 100_000;

/** What one loading told. */
export type Loaded = {
  readonly pools: readonly PoolState[];
  readonly versions: readonly DagVersionRecord[];
  readonly dags: readonly DagRecord[];
  readonly runs: readonly DagRun[];
  readonly taskInstances: readonly TaskInstance[];
  readonly attempts: readonly TaskAttempt[];
  readonly receipts: readonly CommandReceipt[];
  readonly deliveries: readonly AssetDelivery[];
  readonly backfills: readonly Backfill[];
  readonly deadlines: readonly Deadline[];
  readonly keyPauses: readonly KeyPause[];
  readonly runAssetEvents: readonly RunAssetEvents[];
  readonly slaMisses: readonly SlaMiss[];
};

/**
 * Adds whole partitions to the picture. DAGs whose version cannot be read are left out and named in
 * the answer.
 */
export function loadPicture(picture: Picture, loaded: Loaded, moment: Moment): readonly string[] {
  for (const state of loaded.pools) loadPool(picture, state);
  const { versions, broken } = compileAll(loaded.versions);
  for (const record of loaded.dags) {
    const known = picture.dags.get(record.dagId);
    if (known !== undefined) dropDag(picture, known);
    loadDag(picture, record, versions);
  }
  const runs = new Map<string, Run>();
  const taskIds = taskIdsOf(loaded);
  for (const row of loaded.runs) {
    const dag = picture.dags.get(row.dagId);
    const version = versions.get(row.dagVersionId);
    if (dag === undefined || version === undefined) continue;
    const own = versionOfRun(version, version, row, taskIds.get(row.id));
    runs.set(row.id, loadRun(picture, dag, own, row));
    if (own.isWhole) dag.versions.set(version.dagVersionId, version);
  }
  loadInstances(picture, runs, loaded.taskInstances, moment);
  loadAttempts(picture, runs, loaded.attempts, moment);
  loadBeside(picture, runs, loaded);
  loadKeyPauses(picture, loaded.keyPauses, moment.nowMs);
  for (const dag of new Set(Array.from(runs.values(), (run) => run.dag))) {
    recallBegins(picture, dag, moment.nowMs);
  }
  for (const receipt of loaded.receipts) keepReceipt(picture, receiptOf(receipt, moment.nowMs));
  return broken;
}

/** The tasks that the runs of backfills have instances of. */
function taskIdsOf({ runs, taskInstances }: Loaded): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { backfillId, id } of runs) if (backfillId !== '') found.set(id, new Set());
  for (const { dagRunId, taskId } of taskInstances) found.get(dagRunId)?.add(taskId);
  return found;
}

/**
 * The version that a run goes on with: that of its DAG, of a callback, or the part of it that a
 * backfill runs. The backfill may be over: what the run has instances of tells which part.
 */
function versionOfRun(
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

/** What belongs to DAGs and runs beside their instances. */
function loadBeside(picture: Picture, runs: ReadonlyMap<string, Run>, loaded: Loaded): void {
  for (const { dagId, event } of loaded.deliveries) {
    if (event !== undefined) picture.dags.get(dagId)?.deliveries.set(event.id, event);
  }
  for (const backfill of loaded.backfills) {
    picture.dags.get(backfill.dagId)?.backfills.set(backfill.backfillId, backfill);
  }
  for (const deadline of loaded.deadlines) {
    const run = runs.get(deadline.dagRunId);
    const dag = picture.dags.get(deadline.dagId);
    if (dag !== undefined) loadDeadline(picture, dag, deadline, run);
  }
  for (const { dagRunId, events } of loaded.runAssetEvents) {
    const run = runs.get(dagRunId);
    if (run !== undefined) run.events = events;
  }
  for (const { dagRunId, taskInstanceId } of loaded.slaMisses) {
    runs.get(dagRunId)?.slaMissed.add(taskInstanceId);
  }
}

function loadDeadline(picture: Picture, dag: Dag, deadline: Deadline, run: Run | undefined): void {
  if (run !== undefined) run.deadlines = [...run.deadlines, deadline];
  watchDeadline(picture, dag, { deadline, run });
}

/** Takes over a pool's slots as the ledger has them. */
export function loadPool(picture: Picture, state: PoolState): void {
  const pool = poolOf(picture, state.pool);
  pool.slots = state.slots;
  pool.used = state.used;
  pool.isMissing = false;
  pool.includesDeferred = state.includeDeferred;
  reconsiderOversized(pool);
}

/** Adds or replaces a DAG's current version; live runs keep theirs. */
export function loadDag(
  picture: Picture,
  record: DagRecord,
  versions: ReadonlyMap<bigint, DagVersion>,
): Dag | undefined {
  const known = picture.dags.get(record.dagId);
  const version = known?.versions.get(record.dagVersionId) ?? versions.get(record.dagVersionId);
  if (version === undefined) return undefined;
  if (known !== undefined) {
    const before = known.version;
    known.version = version;
    known.versions.set(version.dagVersionId, version);
    tuneKeys(known);
    forgetVersion(known, before);
    known.isActive = record.isActive;
    if (known.history === undefined && needsHistory(version)) picture.historyWanted.add(known);
    return known;
  }
  const { dagId } = record;
  const dag: Dag = {
    dagId,
    partition: partitionOf(dagId),
    version,
    versions: new Map([[version.dagVersionId, version]]),
    isPaused: record.isPaused,
    isActive: record.isActive,
    cursor: readCursor(record.cursor, version.timetable),
    runs: new Map(),
    queuedRuns: createHeap(startsBefore),
    runningCount: 0,
    scheduledCount: 0,
    gate: createLimit('dag_paused', dagId, record.isPaused ? 0 : Number.POSITIVE_INFINITY),
    taskLimits: new Map(),
    keys: new Map(),
    deliveries: new Map(),
    takenEvents: new Set(),
    backfills: new Map(),
    deadlines: new Map(),
    history: undefined,
    endedUntold: [],
    onAgendaMs: undefined,
    startOnAgendaMs: undefined,
    lastManualMs: 0,
    isOwned: true,
  };
  picture.dags.set(dagId, dag);
  if (needsHistory(version)) picture.historyWanted.add(dag);
  return dag;
}

/** Opens or shuts a DAG's gate. */
export function setGate(dag: Dag, isPaused: boolean): void {
  dag.isPaused = isPaused;
  dag.gate.max = isPaused ? 0 : Number.POSITIVE_INFINITY;
  unpark(dag.gate);
}

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

/** Remembers the answer of a command; the oldest is forgotten. */
export function keepReceipt(picture: Picture, receipt: Receipt): void {
  picture.receipts.set(receipt.requestId, receipt);
  const [oldest] = picture.receipts.keys();
  if (picture.receipts.size > RECEIPTS_MAX && oldest !== undefined) picture.receipts.delete(oldest);
}

/** Takes the DAGs of lost partitions out of the picture. */
export function dropPartitions(picture: Picture, isLost: (partition: number) => boolean): void {
  for (const dag of picture.dags.values()) {
    if (isLost(dag.partition)) dropDag(picture, dag);
  }
  // What was remembered may never have been committed: from now on only the ledger knows.
  picture.endedAttempts.clear();
  for (const [requestId, { dagId }] of picture.receipts) {
    if (isLost(partitionOf(dagId))) picture.receipts.delete(requestId);
  }
}

/**
 * Takes a DAG out, and its instances out of every line; who still holds it sees it is not owned.
 */
function dropDag(picture: Picture, dag: Dag): void {
  dag.isOwned = false;
  picture.dags.delete(dag.dagId);
  for (const run of dag.runs.values()) {
    dropLanes(run);
    for (const instance of instancesOf(run)) {
      const { attempt, lane } = instance;
      if (attempt !== undefined) picture.attempts.delete(attempt.attemptId);
      lane.pool.oversized.delete(instance);
      picture.heldBack.delete(instance);
      picture.waits.delete(instance.wait?.waitId ?? '');
      leaveLine(instance);
    }
  }
}

/** Compiles what can be compiled; names the DAGs of the rest. */
export function compileAll(records: readonly DagVersionRecord[]): {
  readonly versions: ReadonlyMap<bigint, DagVersion>;
  readonly broken: readonly string[];
} {
  const versions = new Map<bigint, DagVersion>();
  const broken: string[] = [];
  for (const record of records) {
    try {
      versions.set(record.dagVersionId, compileVersion(record));
    } catch (error) {
      broken.push(`${record.dagId}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { versions, broken };
}

function loadRun(picture: Picture, dag: Dag, version: DagVersion, row: DagRun): Run {
  const run = newRun(picture, dag, { ...runFields(row), version });
  copyRow(run, row);
  dag.runs.set(run.runId, run);
  if (run.runType === RunType.SCHEDULED) dag.scheduledCount += 1;
  if (run.state === DagRunState.QUEUED) joinHeap(dag.queuedRuns, run);
  else if (!isUncounted(run)) dag.runningCount += 1;
  if (run.state === DagRunState.RUNNING) {
    watchTimeout(picture, run);
    watchSlas(picture, run);
  }
  return run;
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

function receiptOf(receipt: CommandReceipt, atMs: number): Receipt {
  const { requestId, dagId, dagRunId, runId } = receipt;
  return { requestId, dagId, dagRunId, runId, atMs, run: undefined };
}

function startsBefore(a: Run, b: Run): boolean {
  return a.runAfterMs === b.runAfterMs ? a.seq < b.seq : a.runAfterMs < b.runAfterMs;
}
