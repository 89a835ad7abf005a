// What follows from a commit's way: what may not be leased while it is under way, and what its
// answer refused.
import type { CommitResponse } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { enterLane } from '../limit/admission.ts';
import { queueOf } from '../lines.ts';
import type { Picture } from '../picture.ts';
import type { Run } from '../run/run.ts';
import { moveTo } from '../transition.ts';
import type { ChangeSet } from '../change-set.ts';
import { forgetDeadlines } from '../alert/deadlines.ts';
import { forgetSlas } from '../alert/sla.ts';
import { leaveLine, standInLine } from '../limit/fair-line.ts';
import { leaveHeap } from '../heap.ts';
import { takeBack } from './leases.ts';
import { loadPool } from '../load/load.ts';
import { type Instance, instancesOf } from '../instance.ts';
import { poolOf } from '../limit/pool.ts';
import { isUncounted } from '../run/runs.ts';
import { DagRunState, TaskAttemptState, TaskInstanceState } from '../state.ts';

/**
 * Keeps queued instances of this commit from being leased: the ledger may refuse their slots or
 * their run.
 */
export function holdBack(picture: Picture, changes: ChangeSet): void {
  for (const instance of changes.instances) {
    if (instance.state !== TaskInstanceState.QUEUED || instance.heapIndex < 0) continue;
    leaveLine(instance);
    picture.heldBack.add(instance);
  }
  for (const pool of picture.pools.values()) {
    pool.unsettledSlots = pool.pendingSlots;
    pool.pendingSlots = 0;
  }
}

/**
 * Takes over what the ledger answered: pools as they are, refusals taken back, the rest free to be
 * leased.
 */
export function settleCommit(
  picture: Picture,
  changes: ChangeSet,
  response: CommitResponse,
  monotonicMs: number,
): void {
  settlePools(picture, response);
  refuseRuns(picture, changes, new Set(response.refusedRunIds));
  refuseInstances(picture, changes, new Set(response.refusedTaskInstanceIds));
  for (const instance of picture.heldBack) {
    // One of the next commit: its slots are not claimed yet.
    if (instance.slotsHeld === 0) continue;
    picture.heldBack.delete(instance);
    if (instance.state === TaskInstanceState.QUEUED) {
      standInLine(queueOf(picture, instance.task.queue).ready, instance);
    }
  }
  forgetReceiptRuns(picture, changes);
  const untilMs = monotonicMs + picture.timing.leaseTtlMs;
  for (const attempt of changes.attempts) {
    if (attempt.state === TaskAttemptState.RUNNING && !Number.isFinite(attempt.leaseUntilMs)) {
      attempt.leaseUntilMs = untilMs;
    }
  }
}

/** A run that is stored is found by its ids; a receipt that held it would keep it in memory. */
function forgetReceiptRuns(picture: Picture, changes: ChangeSet): void {
  for (const receipt of changes.receipts.keys()) {
    if (receipt.run?.isRefused || !picture.receipts.has(receipt.requestId)) continue;
    picture.receipts.set(receipt.requestId, { ...receipt, run: undefined });
  }
}

function settlePools(picture: Picture, response: CommitResponse): void {
  const told = new Set(response.pools.map((state) => state.pool));
  for (const pool of picture.pools.values()) {
    const { unsettledSlots } = pool;
    pool.unsettledSlots = 0;
    if (told.has(pool.name)) continue;
    if (pool.slots === undefined && unsettledSlots > 0) pool.isMissing = true;
    else pool.used = Math.max(0, pool.used + unsettledSlots);
  }
  for (const state of response.pools) loadPool(picture, state);
}

function refuseInstances(picture: Picture, changes: ChangeSet, refused: Set<string>): void {
  if (refused.size === 0) return;
  for (const instance of changes.instances) {
    if (refused.has(instance.id) && instance.run.dag.isOwned && !instance.run.isRefused) {
      refuseInstance(picture, changes, instance);
    }
  }
}

/**
 * Its pool had too few slots: the ledger has it SCHEDULED, and an attempt of that commit was not
 * made. What was decided about it since then stands: the next commit claims its slots anew.
 */
function refuseInstance(picture: Picture, changes: ChangeSet, instance: Instance): void {
  const { attempt } = instance;
  const isWaiting = picture.heldBack.has(instance);
  const isUnmade = attempt !== undefined && changes.attempts.has(attempt);
  // What is given back below was never taken in the ledger.
  instance.slotsHeld = 0;
  poolOf(picture, instance.task.pool).pendingSlots += instance.task.poolSlots;
  if (isUnmade) takeBack(picture, attempt);
  // One that was cleared meanwhile starts over.
  if (instance.state === TaskInstanceState.RESTARTING) return;
  if (!isUnmade && !isWaiting) return;
  moveTo(picture, instance, TaskInstanceState.SCHEDULED);
  instance.queuedAtMs = undefined;
  enterLane(instance);
}

function refuseRuns(picture: Picture, changes: ChangeSet, refused: Set<string>): void {
  if (refused.size === 0) return;
  for (const run of changes.runs) {
    if (refused.has(run.id) && run.dag.isOwned) refuseRun(picture, run);
  }
}

/** The run exists already: nothing of this one is in the ledger, so nothing of it stays. */
function refuseRun(picture: Picture, run: Run): void {
  const { dag } = run;
  run.isRefused = true;
  forgetDeadlines(run);
  for (const instance of instancesOf(run)) {
    const { attempt, slotsHeld } = instance;
    if (attempt !== undefined) takeBack(picture, attempt);
    instance.slotsHeld = 0;
    moveTo(picture, instance, TaskInstanceState.NONE);
    poolOf(picture, instance.task.pool).pendingSlots += slotsHeld;
  }
  // One that has ended meanwhile counts nowhere any more.
  const known = dag.runs.get(run.runId);
  if (known === run || known === undefined) forgetSlas(picture, run);
  if (known === run) {
    if (run.state !== DagRunState.RUNNING) leaveHeap(dag.queuedRuns, run);
    else if (!isUncounted(run)) dag.runningCount -= 1;
    if (run.runType === RunType.SCHEDULED) dag.scheduledCount -= 1;
    dag.runs.delete(run.runId);
  }
  run.state = DagRunState.FAILED;
}
