// Runs as the ledger has them: their instances and live attempts, put where their states say.
import type { TaskAttempt, TaskInstance } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { CancelMode } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { enterLane, laneOf, occupy } from '../limit/admission.ts';
import { putOnAgenda } from '../agenda.ts';
import { readDecision } from '../graph/direction.ts';
import { standInLine } from '../limit/fair-line.ts';
import { type Instance, instancesOf, newInstance, newNode, type Node } from '../instance.ts';
import { timeoutOf } from '../attempt/leases.ts';
import { recallLengths } from '../mapping/load-lengths.ts';
import type { Cancel } from '../attempt/attempt.ts';
import { queueOf } from '../lines.ts';
import type { Moment, Picture } from '../picture.ts';
import type { Run } from '../run/run.ts';
import { takeSlots } from '../limit/pool.ts';
import { urgencyOf } from '../limit/rank.ts';
import { addCounts, countState, countTotal } from '../graph/relevant.ts';
import { isActive, isFinished, isRunFinished, isStirring, TaskInstanceState } from '../state.ts';
import { isWaiting, watchWait } from '../wait/waits.ts';

/** Adds instances to runs: each stands where its state says it is. */
export function loadInstances(
  picture: Picture,
  runs: ReadonlyMap<string, Run>,
  rows: readonly TaskInstance[],
  moment: Moment,
): void {
  const touched = new Set<Run>();
  const inOrder = rows.toSorted((a, b) => a.mapIndex - b.mapIndex);
  for (const row of inOrder) {
    const run = runs.get(row.dagRunId);
    const index = run?.version.taskIndexes.get(row.taskId);
    if (run === undefined || index === undefined) continue;
    if (run.nodes.length === 0) run.nodes = run.version.tasks.map((task) => newNode(run, task));
    touched.add(run);
    const node = run.nodes[index];
    if (node === undefined) continue;
    const instance = loadInstance(picture, node, row);
    node.instances[Math.max(row.mapIndex, 0)] = instance;
    stand(picture, instance, moment);
  }
  for (const run of touched) countAll(picture, run, moment);
}

export function loadInstance(picture: Picture, node: Node, row: TaskInstance): Instance {
  const lane = laneOf(picture, node.run, node.task);
  const place = { id: row.id, seq: picture.nextSeq++, mapIndex: row.mapIndex };
  const instance = newInstance(node, lane, place);
  return Object.assign(instance, {
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
    mapLength: row.mapLength,
    mapLabel: row.mapLabel,
    skipDecision: readDecision(row.skipDecisionJson),
    deadlineMs: fromTimestamp(row.executionDeadline),
    waitingSinceMs: fromTimestamp(row.waitingSince),
    reschedulesCount: row.reschedulesCount,
    wait: row.wait,
    note: row.note,
    isStored: true,
  });
}

/**
 * Counts what the instances of a run have come to, from scratch, and goes on with expansions that
 * were not complete.
 */
function countAll(picture: Picture, run: Run, moment: Moment): void {
  for (const node of run.nodes) {
    const { instances, task } = node;
    node.instances = Array.from(instances).filter((each) => each !== undefined);
    node.openCount = node.instances.filter((each) => isOpen(each)).length;
    countTotal(node.own, task.isSetup, node.instances.length);
    for (const { state } of node.instances) countState(node.own, state, task.isSetup, 1);
  }
  for (const node of run.nodes) {
    if (node.lengths !== undefined) continue;
    if ((node.instances[0]?.mapIndex ?? -1) < 0) continue;
    const { lengths, isStale, missingCount } = recallLengths(run, node);
    node.lengths = lengths;
    node.isStale = isStale;
    if (missingCount === 0 || isRunFinished(run.state)) continue;
    countTotal(node.own, node.task.isSetup, missingCount);
    run.unfinishedCount += missingCount;
    node.missingCount = missingCount;
    putOnAgenda(picture.agenda, moment.nowMs, { kind: 'expand', node });
  }
  for (const node of run.nodes) countAbove(run, node);
}

function countAbove(run: Run, node: Node): void {
  for (const { index, depth } of node.task.above) {
    const above = run.nodes[index];
    if (above === undefined) continue;
    if (above.instances.some(({ skipDecision }) => skipDecision !== undefined)) {
      node.isDirected = true;
    }
    if (depth === 0) addCounts(node.above, above.own);
  }
}

function isOpen({ state }: Instance): boolean {
  return state === TaskInstanceState.NONE;
}

/** Puts a loaded instance where its state says it is. */
function stand(picture: Picture, instance: Instance, moment: Moment): void {
  const { run, state } = instance;
  if (!isFinished(state)) run.unfinishedCount += 1;
  if (isStirring(state)) run.stirringCount += 1;
  const sinceMs = instance.scheduledAtMs ?? moment.nowMs;
  instance.urgency = urgencyOf(picture.timing, instance.task.priority, sinceMs);
  if (isActive(state)) occupy(instance);
  else if (isWaiting(instance) && instance.wait?.keepsSlots) takeSlots(instance);
  if (instance.holdsSlots) {
    // The ledger counts these slots already.
    instance.lane.pool.pendingSlots -= instance.task.poolSlots;
    instance.slotsHeld = instance.task.poolSlots;
  }
  if (state === TaskInstanceState.QUEUED) {
    standInLine(queueOf(picture, instance.task.queue).ready, instance);
  }
  if (state === TaskInstanceState.SCHEDULED) enterLane(instance);
  if (state === TaskInstanceState.UP_FOR_RETRY) {
    const dueMs = instance.nextTryMs ?? moment.nowMs;
    putOnAgenda(picture.agenda, dueMs, { kind: 'retry', instance }, instance);
  }
  if (isWaiting(instance)) watchWait({ picture }, instance);
}

/** Attempts that live get a full lease: they are judged from the end of our absence. */
export function loadAttempts(
  picture: Picture,
  runs: ReadonlyMap<string, Run>,
  rows: readonly TaskAttempt[],
  moment: Moment,
): void {
  const byId = new Map<string, Instance>();
  for (const run of runs.values()) for (const each of instancesOf(run)) byId.set(each.id, each);
  for (const row of rows) {
    const instance = byId.get(row.taskInstanceId);
    if (instance === undefined) continue;
    const startMs = fromTimestamp(row.startDate) ?? moment.nowMs;
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
      isResumed: instance.wait !== undefined,
      timeoutAtMs: timeoutOf(picture, instance, moment),
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
