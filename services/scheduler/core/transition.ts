// The only place that changes the state of a task instance, and with it every count that depends on it.
//
// A task instance's life: NONE → SCHEDULED (dependencies met) → QUEUED (admitted by limits and pool) → RUNNING (leased) →
// SUCCESS, FAILED, SKIPPED, or UP_FOR_RETRY → NONE again. SKIPPED and UPSTREAM_FAILED also follow from NONE by the trigger
// rule. RESTARTING is a RUNNING one that was cleared: it goes to NONE when its attempt has ended. A clear leads back to NONE
// from every other state.
import { firstOf, joinHeap, leaveHeap } from './heap.ts';
import { type Instance, type Limit, type Queue, queueOf } from './picture.ts';
import { joinLane, leaveLane } from './pool.ts';
import { isActive, isFinished, isStirring, TaskInstanceState } from './state.ts';
import type { UpstreamCounts } from './trigger-rule.ts';
import type { Turn } from './turn.ts';

/** Moves an instance to a state; its other fields are the caller's. Does nothing when it is there already. */
export function setState(turn: Turn, instance: Instance, next: TaskInstanceState): void {
  const previous = instance.state;
  if (previous === next) return;
  leaveLine(turn, instance);
  instance.state = next;
  turn.changes.instances.add(instance);
  if (isActive(previous) !== isActive(next)) occupy(turn, instance, isActive(next) ? 1 : -1);
  countInRun(turn, instance, previous);
  if (isFinished(previous)) countDownstream(turn, instance, previous, -1);
  if (isFinished(next)) countDownstream(turn, instance, next, 1);
}

/** Counts an instance that has just joined the picture in its state. */
export function countIn(turn: Turn, instance: Instance): void {
  const { run, state } = instance;
  if (!isFinished(state)) run.unfinishedCount += 1;
  if (isStirring(state)) run.stirringCount += 1;
  if (isFinished(state)) countDownstream(turn, instance, state, 1);
  if (isActive(state)) {
    for (const limit of instance.lane.limits) limit.active += 1;
    instance.lane.pool.pendingSlots += instance.task.poolSlots - instance.slotsHeld;
  }
}

/** Takes an instance that leaves the picture out of the counts it shares with others. Its slots in the ledger stay. */
export function countOut(turn: Turn, instance: Instance): void {
  leaveLine(turn, instance);
  const { pool } = instance.lane;
  if (isActive(instance.state)) {
    for (const limit of instance.lane.limits) release(turn, limit);
    pool.pendingSlots -= instance.task.poolSlots;
    turn.stirred.pools.add(pool);
  }
  pool.pendingSlots += instance.slotsHeld;
}

/** Lines a SCHEDULED instance up for admission. */
export function lineUp(turn: Turn, instance: Instance): void {
  joinLane(instance);
  turn.stirred.pools.add(instance.lane.pool);
}

/** Lines a QUEUED instance up for leasing. */
export function makeReady(turn: Turn, instance: Instance): void {
  if (instance.heapIndex < 0) joinHeap(readyQueueOf(turn, instance).ready, instance);
}

/** Takes a QUEUED instance back: it stays QUEUED, but nobody may lease it before `makeReady`. */
export function withhold(turn: Turn, instance: Instance): void {
  leaveHeap(readyQueueOf(turn, instance).ready, instance);
}

/** The best instance of a queue that may be leased. */
export function bestOf(queue: Queue): Instance | undefined {
  return firstOf(queue.ready);
}

/** Lanes that stopped at a limit which has room now line up for their pools again. */
export function unpark(turn: Turn, limit: Limit): void {
  for (const lane of limit.parked) {
    limit.parked.delete(lane);
    lane.parkedAt = undefined;
    joinHeap(lane.pool.lanes, lane);
    turn.stirred.pools.add(lane.pool);
  }
}

function leaveLine(turn: Turn, instance: Instance): void {
  if (instance.state === TaskInstanceState.SCHEDULED) leaveLane(instance);
  if (instance.state === TaskInstanceState.QUEUED) withhold(turn, instance);
}

function readyQueueOf(turn: Turn, instance: Instance): Queue {
  return queueOf(turn.picture, instance.task.queue);
}

function occupy(turn: Turn, instance: Instance, step: 1 | -1): void {
  const { limits, pool } = instance.lane;
  pool.pendingSlots += step * instance.task.poolSlots;
  if (step === -1) turn.stirred.pools.add(pool);
  for (const limit of limits) {
    if (step === 1) limit.active += 1;
    else release(turn, limit);
  }
}

function release(turn: Turn, limit: Limit): void {
  limit.active -= 1;
  if (limit.active < limit.max) unpark(turn, limit);
}

function countInRun(turn: Turn, instance: Instance, previous: TaskInstanceState): void {
  const { run, state } = instance;
  run.unfinishedCount += Number(!isFinished(state)) - Number(!isFinished(previous));
  run.stirringCount += Number(isStirring(state)) - Number(isStirring(previous));
  if (run.unfinishedCount === 0 || run.stirringCount === 0) turn.stirred.runs.add(run);
}

function countDownstream(
  turn: Turn,
  instance: Instance,
  state: TaskInstanceState,
  step: 1 | -1,
): void {
  const { instances } = instance.run;
  for (const index of instance.task.downstream) {
    const downstream = instances[index];
    if (downstream === undefined) continue;
    count(downstream.upstream, state, step);
    if (downstream.state === TaskInstanceState.NONE) turn.stirred.instances.push(downstream);
  }
}

function count(upstream: UpstreamCounts, state: TaskInstanceState, step: 1 | -1): void {
  switch (state) {
    case TaskInstanceState.SUCCESS:
      upstream.success += step;
      break;
    case TaskInstanceState.SKIPPED:
      upstream.skipped += step;
      break;
    case TaskInstanceState.FAILED:
      upstream.failed += step;
      break;
    case TaskInstanceState.UPSTREAM_FAILED:
      upstream.upstreamFailed += step;
      break;
    default:
      upstream.removed += step;
  }
}
