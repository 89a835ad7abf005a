// Who of the SCHEDULED may be QUEUED: limits and pools, claimed in the order of rank and turns.
//
// SCHEDULED instances stand in lanes (one for each set of limits of a run); a lane stands in the
// line of its pool, or is parked at the limit that it found exhausted. So each step looks at one
// instance, however many wait behind it.
import { tellsOfBegin } from '../alert/begins.ts';
import type { ChangeSet } from '../change-set.ts';
import type { Task } from '../graph/task.ts';
import { type Lane, type Pool, queueOf } from '../lines.ts';
import type { Picture } from '../picture.ts';
import type { Run } from '../run/run.ts';
import {
  countTurn,
  firstInLine,
  isBefore,
  isLineEmpty,
  leaveLine,
  standInLine,
} from './fair-line.ts';
import { createHeap, firstOf, joinHeap, leaveHeap, moveInHeap } from '../heap.ts';
import type { Instance } from '../instance.ts';
import { exhaustedLimit, hasRoom, type Limit, limitsOf } from './limit.ts';
import { foremost, freeSlots, isOversized, poolOf, returnSlots, takeSlots } from './pool.ts';
import { outranks } from './rank.ts';
import { isActive, TaskInstanceState } from '../state.ts';

/** Instances too big for what is free that are passed before everybody waits for slots. */
const PASSED_MAX = 16;

/**
 * The lane in which instances of a task wait; tasks without limits of their own share one per pool.
 */
export function laneOf(picture: Picture, run: Run, task: Task): Lane {
  const { activeTisPerDagMax, activeTisPerDagrunMax, limitKeys } = task;
  const hasOwnLimit = activeTisPerDagMax > 0 || activeTisPerDagrunMax > 0 || limitKeys.length > 0;
  const key = hasOwnLimit ? `${task.pool} ${task.taskId}` : task.pool;
  const known = run.lanes.get(key);
  if (known !== undefined) return known;
  const lane: Lane = {
    run,
    limits: limitsOf(run, task),
    pool: poolOf(picture, task.pool),
    line: createHeap(outranks),
    share: undefined,
    parkedAt: undefined,
    heapIndex: -1,
  };
  run.lanes.set(key, lane);
  return lane;
}

/** Dependencies are met: the instance waits for its limits and its pool. */
export function enterLane(instance: Instance): void {
  joinHeap(instance.lane.line, instance);
  placeLane(instance.lane);
}

/** An instance no longer waits in its lane. */
export function leaveLane(instance: Instance): void {
  const { lane } = instance;
  lane.pool.oversized.delete(instance);
  lane.pool.overtakenSlots.delete(instance);
  leaveHeap(lane.line, instance);
  placeLane(lane);
}

/** Takes the lanes of a run that is not ours any more out of their pools' lines. */
export function dropLanes(run: Run): void {
  for (const lane of run.lanes.values()) {
    leaveLine(lane);
    for (const instance of lane.line.members) lane.pool.overtakenSlots.delete(instance);
  }
}

/**
 * A pool may have changed: if anybody waits for it, what is known of it is old, and the next claims
 * find out. Answers whether anybody does.
 */
export function forgetPool(pool: Pool): boolean {
  if (isLineEmpty(pool.line) && pool.oversized.size === 0 && !pool.isMissing) return false;
  pool.slots = undefined;
  pool.isMissing = false;
  reconsiderOversized(pool);
  return true;
}

/** Those that needed more slots than the pool had stand in line again. */
export function reconsiderOversized(pool: Pool): void {
  for (const instance of Array.from(pool.oversized)) {
    pool.oversized.delete(instance);
    enterLane(instance);
  }
}

/** Queues whatever the pools and limits admit now; answers how many. */
export function admitAll(picture: Picture, changes: ChangeSet, nowMs: number): number {
  let admittedCount = 0;
  for (const pool of picture.pools.values()) {
    if (!isLineEmpty(pool.line)) admittedCount += admit(picture, changes, pool, nowMs);
  }
  return admittedCount;
}

/**
 * Gives back what an instance does not count for in another state, so that those who wait for it
 * are looked at again. One that waits for a trigger keeps its slots when its pool says so.
 */
export function release(instance: Instance, next: TaskInstanceState): void {
  if (isActive(next)) return;
  const { pool, limits } = instance.lane;
  const keepsSlots = next === TaskInstanceState.DEFERRED && pool.includesDeferred;
  if (!keepsSlots) returnSlots(instance);
  if (!isActive(instance.state)) return;
  for (const limit of limits) {
    // What has begun counts towards a rate until its time is over.
    if (limit.window !== undefined && instance.state !== TaskInstanceState.QUEUED) continue;
    limit.active -= 1;
    unpark(limit);
  }
}

/** Counts an instance towards its limits and its pool. */
export function occupy(instance: Instance): void {
  takeSlots(instance);
  for (const limit of instance.lane.limits) limit.active += 1;
}

/** An instance that no worker took after all may begin at any moment: rates count it once more. */
export function expectBegin({ lane }: Instance): void {
  for (const limit of lane.limits) if (limit.window !== undefined) limit.active += 1;
}

/**
 * Puts as many of the lanes that a limit held up back into their pools' lines as it has room for
 * now, in each pool: one pool may be full while another is not.
 */
export function unpark(limit: Limit): void {
  if (limit.parked.size === 0) return;
  const room = limit.max - limit.active;
  for (const pool of Array.from(limit.parked.keys())) {
    for (let woken = 0; woken < room && unparkFirst(limit, pool); woken++);
  }
}

/** Puts the best of the parked lanes that only this limit held up into its pool's line. */
function unparkFirst(limit: Limit, pool: Pool): boolean {
  for (;;) {
    const parked = limit.parked.get(pool);
    const lane = parked === undefined ? undefined : firstOf(parked);
    if (lane === undefined) return false;
    // It may well be parked again, at another limit.
    placeLane(lane);
    if (lane.share !== undefined) return true;
  }
}

/**
 * Puts a lane where it belongs: nowhere when empty, parked at an exhausted limit, else in its
 * pool's line. One that leaves the line lets others have what its limits still allow.
 */
function placeLane(lane: Lane): void {
  const stoodInLine = lane.share !== undefined;
  const limit = exhaustedLimit(lane);
  if (limit !== lane.parkedAt) leaveParking(lane);
  if (firstOf(lane.line) === undefined) {
    leaveParking(lane);
    leaveLine(lane);
  } else if (limit === undefined) {
    return standInLine(lane.pool.line, lane);
  } else {
    leaveLine(lane);
    park(lane, limit);
  }
  if (!stoodInLine) return;
  for (const each of lane.limits) {
    if (each.parked.size > 0 && hasRoom(each)) unparkFirst(each, lane.pool);
  }
}

function park(lane: Lane, limit: Limit): void {
  const parked = limit.parked.get(lane.pool) ?? createHeap<Lane>(isLaneBefore);
  if (lane.parkedAt === limit) return moveInHeap(parked, lane);
  limit.parked.set(lane.pool, parked);
  joinHeap(parked, lane);
  lane.parkedAt = limit;
}

function isLaneBefore(a: Lane, b: Lane): boolean {
  return isBefore(foremost, a, b);
}

function leaveParking(lane: Lane): void {
  const { parkedAt, pool } = lane;
  const parked = parkedAt?.parked.get(pool);
  if (parkedAt === undefined || parked === undefined) return;
  leaveHeap(parked, lane);
  if (parked.members.length === 0) parkedAt.parked.delete(pool);
  lane.parkedAt = undefined;
}

function admit(picture: Picture, changes: ChangeSet, pool: Pool, nowMs: number): number {
  let admittedCount = 0;
  const passed: Instance[] = [];
  for (;;) {
    const lane = firstInLine(pool.line);
    const instance = lane === undefined ? undefined : firstOf(lane.line);
    if (lane === undefined || instance === undefined) break;
    if (exhaustedLimit(lane) !== undefined) {
      placeLane(lane);
      continue;
    }
    const { poolSlots } = instance.task;
    if (isOversized(pool, poolSlots)) {
      // It can never run; those behind it can.
      leaveHeap(lane.line, instance);
      placeLane(lane);
      pool.oversized.add(instance);
      continue;
    }
    if (poolSlots > freeSlots(pool)) {
      if (passed.length === PASSED_MAX || !mayBePassed(pool, instance)) break;
      leaveHeap(lane.line, instance);
      placeLane(lane);
      passed.push(instance);
      continue;
    }
    queue(picture, changes, instance, nowMs);
    for (const each of passed) countPassing(pool, each, poolSlots);
    admittedCount += 1;
  }
  for (const instance of passed) enterLane(instance);
  return admittedCount;
}

function queue(picture: Picture, changes: ChangeSet, instance: Instance, nowMs: number): void {
  const { lane, task } = instance;
  lane.pool.overtakenSlots.delete(instance);
  leaveHeap(lane.line, instance);
  instance.state = TaskInstanceState.QUEUED;
  instance.queuedAtMs = nowMs;
  occupy(instance);
  countTurn(lane, task.poolSlots);
  placeLane(lane);
  changes.instances.add(instance);
  // Whoever is told that it begins must not be told in vain: first the ledger grants its slots.
  if (tellsOfBegin(instance)) picture.heldBack.add(instance);
  else standInLine(queueOf(picture, task.queue).ready, instance);
}

/**
 * Whether others may have the free slots that are too few for the first in line. They may until
 * they got as many as the pool has: then everybody waits until there are enough for it, so that
 * neither big ones keep slots idle for long nor small ones keep them out for ever.
 */
function mayBePassed(pool: Pool, first: Instance): boolean {
  if (freeSlots(pool) <= 0 || pool.slots === undefined) return false;
  return (pool.overtakenSlots.get(first) ?? 0) < pool.slots;
}

function countPassing(pool: Pool, first: Instance, slots: number): void {
  pool.overtakenSlots.set(first, (pool.overtakenSlots.get(first) ?? 0) + slots);
}
