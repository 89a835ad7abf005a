// Building the picture from what the ledger has: at a takeover, and for single DAGs and runs.
import type { DagRun, TaskAttempt, TaskInstance } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { CancelMode } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type {
  CommandReceipt,
  DagRecord,
  DagVersionRecord,
  PoolState,
  ScheduleCursor,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import {
  createLimit,
  enterLane,
  occupy,
  poolOf,
  reconsiderOversized,
  unpark,
} from './admission.ts';
import { count } from './advance.ts';
import { putOnAgenda } from './agenda.ts';
import { compileVersion, type DagVersion } from './dag-version.ts';
import { createHeap, joinHeap, leaveHeap } from './heap.ts';
import { timeoutOf } from './leases.ts';
import type { Cancel, Cursor, Dag, Instance, Moment, Picture, Receipt, Run } from './picture.ts';
import { queueOf } from './picture.ts';
import { forgetVersion, newInstance, newRun, watchTimeout } from './runs.ts';
import { DagRunState, isActive, isFinished, isStirring, TaskInstanceState } from './state.ts';

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
  for (const row of loaded.runs) {
    const dag = picture.dags.get(row.dagId);
    const version = versions.get(row.dagVersionId);
    if (dag === undefined || version === undefined) continue;
    runs.set(row.id, loadRun(picture, dag, version, row));
  }
  loadInstances(picture, runs, loaded.taskInstances, moment);
  loadAttempts(picture, runs, loaded.attempts, moment);
  for (const run of runs.values()) for (const each of run.instances) countUpstream(each);
  for (const receipt of loaded.receipts) keepReceipt(picture, receiptOf(receipt, moment.nowMs));
  return broken;
}

/** Takes over a pool's slots as the ledger has them. */
export function loadPool(picture: Picture, state: PoolState): void {
  const pool = poolOf(picture, state.pool);
  pool.slots = state.slots;
  pool.used = state.used;
  pool.isMissing = false;
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
    forgetVersion(known, before);
    known.isActive = record.isActive;
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
    cursor: cursorOf(record.cursor),
    runs: new Map(),
    queuedRuns: createHeap(startsBefore),
    runningCount: 0,
    scheduledCount: 0,
    gate: createLimit('dag_paused', dagId, record.isPaused ? 0 : Number.POSITIVE_INFINITY),
    taskLimits: new Map(),
    onAgendaMs: undefined,
    lastManualMs: 0,
    isOwned: true,
  };
  picture.dags.set(dagId, dag);
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
  },
  moment: Moment,
): Run {
  const version = dag.versions.get(loaded.version.dagVersionId) ?? compileVersion(loaded.version);
  const run = newRun(picture, dag, { ...runFields(loaded.run), version });
  copyRow(run, loaded.run);
  loadInstances(picture, new Map([[run.id, run]]), loaded.taskInstances, moment);
  for (const instance of run.instances) countUpstream(instance);
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
    for (const lane of run.lanes.values()) leaveHeap(lane.pool.lanes, lane);
    for (const instance of run.instances) {
      const { attempt, lane, state, task } = instance;
      if (attempt !== undefined) picture.attempts.delete(attempt.attemptId);
      lane.pool.oversized.delete(instance);
      picture.heldBack.delete(instance);
      if (state === TaskInstanceState.QUEUED) {
        leaveHeap(queueOf(picture, task.queue).ready, instance);
      }
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
  dag.versions.set(version.dagVersionId, version);
  const run = newRun(picture, dag, { ...runFields(row), version });
  copyRow(run, row);
  dag.runs.set(run.runId, run);
  if (run.runType === RunType.SCHEDULED) dag.scheduledCount += 1;
  if (run.state === DagRunState.QUEUED) joinHeap(dag.queuedRuns, run);
  else dag.runningCount += 1;
  if (run.state === DagRunState.RUNNING) watchTimeout(picture, run);
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
  };
}

function copyRow(run: Run, row: DagRun): void {
  run.queuedAtMs = fromTimestamp(row.queuedAt);
  run.startMs = fromTimestamp(row.startDate);
  run.endMs = fromTimestamp(row.endDate);
  run.clearNumber = row.clearNumber;
  run.stateReason = row.stateReason;
  run.isStored = true;
}

function loadInstances(
  picture: Picture,
  runs: ReadonlyMap<string, Run>,
  rows: readonly TaskInstance[],
  moment: Moment,
): void {
  for (const row of rows) {
    const run = runs.get(row.dagRunId);
    const index = run?.version.taskIndexes.get(row.taskId);
    const task = index === undefined ? undefined : run?.version.tasks[index];
    if (run === undefined || index === undefined || task === undefined) continue;
    const instance = newInstance(picture, run, task, row.id);
    run.instances[index] = instance;
    Object.assign(instance, {
      state: row.state,
      tryNumber: row.tryNumber,
      triesMax: row.triesMax,
      epoch: Number(row.epoch),
      attemptId: row.attemptId,
      scheduledAtMs: fromTimestamp(row.scheduledAt),
      queuedAtMs: fromTimestamp(row.queuedAt),
      startMs: fromTimestamp(row.startDate),
      endMs: fromTimestamp(row.endDate),
      nextTryMs: fromTimestamp(row.nextTryTime),
      stateReason: row.stateReason,
      lossesCount: row.lossesCount,
      isStored: true,
    });
    stand(picture, instance, moment);
  }
}

/** Puts a loaded instance where its state says it is. */
function stand(picture: Picture, instance: Instance, moment: Moment): void {
  const { run, state } = instance;
  if (!isFinished(state)) run.unfinishedCount += 1;
  if (isStirring(state)) run.stirringCount += 1;
  if (isActive(state)) {
    occupy(instance);
    // The ledger counts these slots already.
    instance.lane.pool.pendingSlots -= instance.task.poolSlots;
    instance.slotsHeld = instance.task.poolSlots;
  }
  if (state === TaskInstanceState.QUEUED) {
    joinHeap(queueOf(picture, instance.task.queue).ready, instance);
  }
  if (state === TaskInstanceState.SCHEDULED) enterLane(instance);
  if (state === TaskInstanceState.UP_FOR_RETRY) {
    putOnAgenda(picture.agenda, instance.nextTryMs ?? moment.nowMs, { kind: 'retry', instance });
  }
}

/** Attempts that live get a full lease: they are judged from the end of our absence. */
function loadAttempts(
  picture: Picture,
  runs: ReadonlyMap<string, Run>,
  rows: readonly TaskAttempt[],
  moment: Moment,
): void {
  const byId = new Map<string, Instance>();
  for (const run of runs.values()) for (const each of run.instances) byId.set(each.id, each);
  for (const row of rows) {
    const instance = byId.get(row.taskInstanceId);
    if (instance === undefined) continue;
    const startMs = fromTimestamp(row.startDate) ?? moment.nowMs;
    const ranMs = Math.max(0, moment.nowMs - startMs);
    instance.attempt = {
      attemptId: row.attemptId,
      instance,
      tryNumber: row.tryNumber,
      epoch: Number(row.epoch),
      workerId: row.workerId,
      executorId: row.executorId,
      startMs,
      previousId: '',
      state: row.state,
      endMs: undefined,
      error: undefined,
      leaseUntilMs: moment.monotonicMs + picture.timing.leaseTtlMs,
      timeoutAtMs: timeoutOf(picture, instance, moment) - ranMs,
      cancel: cancelOf(instance),
      isStored: true,
    };
    picture.attempts.set(row.attemptId, instance.attempt);
  }
}

/** The worker of an instance that is to start over may not have been told. */
function cancelOf({ state }: Instance): Cancel | undefined {
  if (state !== TaskInstanceState.RESTARTING) return undefined;
  return { mode: CancelMode.GRACEFUL, reason: 'cleared' };
}

/** Counts the final states above an instance, from scratch. */
function countUpstream(instance: Instance): void {
  for (const index of instance.task.upstream) {
    const above = instance.run.instances[index];
    if (above !== undefined && isFinished(above.state)) count(instance, above.state, 1);
  }
}

function cursorOf(cursor: ScheduleCursor | undefined): Cursor {
  const runAfterMs = fromTimestamp(cursor?.nextRunAfter);
  const lastIntervalEndMs = fromTimestamp(cursor?.lastIntervalEnd);
  if (runAfterMs === undefined) return { next: undefined, lastIntervalEndMs };
  const logicalDateMs = fromTimestamp(cursor?.nextLogicalDate) ?? runAfterMs;
  const intervalStartMs = fromTimestamp(cursor?.nextIntervalStart) ?? logicalDateMs;
  const intervalEndMs = fromTimestamp(cursor?.nextIntervalEnd) ?? runAfterMs;
  return {
    next: { runAfterMs, logicalDateMs, intervalStartMs, intervalEndMs },
    lastIntervalEndMs,
  };
}

function receiptOf(receipt: CommandReceipt, atMs: number): Receipt {
  const { requestId, dagId, dagRunId, runId } = receipt;
  return { requestId, dagId, dagRunId, runId, atMs, run: undefined };
}

function startsBefore(a: Run, b: Run): boolean {
  return a.runAfterMs === b.runAfterMs ? a.seq < b.seq : a.runAfterMs < b.runAfterMs;
}
