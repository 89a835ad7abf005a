// Who of the SCHEDULED may be QUEUED: limits and pools, claimed in the order of rank.
//
// SCHEDULED instances stand in lanes (one for each set of limits of a run); a lane stands in the
// line of its pool, or is parked at the limit that it found exhausted. So each step looks at one
// instance, however many wait behind it.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { ChangeSet } from './change-set.ts';
import { createHeap, firstOf, joinHeap, leaveHeap, moveInHeap } from './heap.ts';
import {
  type Dag,
  type Lane,
  type Limit,
  type LimitKind,
  outranks,
  type Picture,
  type Pool,
  queueOf,
  type Run,
} from './picture.ts';
import type { Task } from './dag-version.ts';
import type { Instance } from './instance.ts';
import { TaskInstanceState } from './state.ts';

/** Claims that find out about a pool of which nothing is known yet. */
const PROBES_MAX = 16;

/** A limit that nothing counts towards yet. */
export function createLimit(kind: LimitKind, subject: string, max: number): Limit {
  return { kind, subject, max, active: 0, parked: new Set() };
}

/** A pool as the ledger told of it; undefined slots when it has not yet. */
export function poolOf(picture: Picture, name: string): Pool {
  const known = picture.pools.get(name);
  if (known !== undefined) return known;
  const pool: Pool = {
    name,
    slots: undefined,
    isMissing: false,
    used: 0,
    unsettledSlots: 0,
    pendingSlots: 0,
    lanes: createHeap(leads),
    oversized: new Set(),
  };
  picture.pools.set(name, pool);
  return pool;
}

/**
 * The lane in which instances of a task wait; tasks without limits of their own share one per pool.
 */
export function laneOf(picture: Picture, run: Run, task: Task): Lane {
  const hasOwnLimit = task.activeTisPerDagMax > 0 || task.activeTisPerDagrunMax > 0;
  const key = hasOwnLimit ? `${task.pool} ${task.taskId}` : task.pool;
  const known = run.lanes.get(key);
  if (known !== undefined) return known;
  const lane: Lane = {
    limits: limitsOf(run, task),
    pool: poolOf(picture, task.pool),
    line: createHeap(outranks),
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
  leaveHeap(lane.line, instance);
  placeLane(lane);
}

/**
 * A pool may have changed: if anybody waits for it, what is known of it is old, and the next claims
 * find out. Answers whether anybody does.
 */
export function forgetPool(pool: Pool): boolean {
  if (pool.lanes.members.length === 0 && pool.oversized.size === 0 && !pool.isMissing) return false;
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

/** Free slots of a pool, as far as is known. */
export function freeSlots(pool: Pool): number {
  const moving = pool.unsettledSlots + pool.pendingSlots;
  if (pool.slots === undefined) {
    if (pool.isMissing) return 0;
    // The first probe may be of any size: the pool may well have room for it.
    return moving > 0 ? PROBES_MAX - moving : Number.POSITIVE_INFINITY;
  }
  return pool.slots < 0 ? Number.POSITIVE_INFINITY : pool.slots - pool.used - moving;
}

/** Queues whatever the pools and limits admit now; answers how many. */
export function admitAll(picture: Picture, changes: ChangeSet, nowMs: number): number {
  let admittedCount = 0;
  for (const pool of picture.pools.values()) {
    if (pool.lanes.members.length > 0) admittedCount += admit(picture, changes, pool, nowMs);
  }
  return admittedCount;
}

/** Gives back what an instance counted for, so that those who wait for it are looked at again. */
export function release(instance: Instance): void {
  instance.lane.pool.pendingSlots -= instance.task.poolSlots;
  for (const limit of instance.lane.limits) {
    limit.active -= 1;
    unpark(limit);
  }
}

/** Counts an instance towards its limits and its pool. */
export function occupy(instance: Instance): void {
  instance.lane.pool.pendingSlots += instance.task.poolSlots;
  for (const limit of instance.lane.limits) limit.active += 1;
}

/** Puts the lanes that a limit held up back into their pools' lines, if it has room now. */
export function unpark(limit: Limit): void {
  if (limit.parked.size === 0 || limit.active >= limit.max) return;
  for (const lane of Array.from(limit.parked)) placeLane(lane);
}

/** The limit that holds an instance of this lane up now; undefined when none does. */
export function exhaustedLimit(lane: Lane): Limit | undefined {
  return lane.limits.find((limit) => limit.active >= limit.max);
}

function limitsOf(run: Run, task: Task): readonly Limit[] {
  // What tells people of a DAG's end does so while it is paused, too.
  const limits = run.runType === RunType.CALLBACK ? [] : [run.dag.gate, run.limit];
  if (task.activeTisPerDagMax > 0) limits.push(taskLimit(run.dag, task));
  if (task.activeTisPerDagrunMax > 0) {
    const { taskId, activeTisPerDagrunMax } = task;
    limits.push(createLimit('active_tis_per_dagrun_max', taskId, activeTisPerDagrunMax));
  }
  return limits;
}

/** The limit over all runs; the newest version's number counts. */
function taskLimit(dag: Dag, task: Task): Limit {
  const known = dag.taskLimits.get(task.taskId);
  if (known !== undefined) {
    known.max = task.activeTisPerDagMax;
    return known;
  }
  const limit = createLimit('active_tis_per_dag_max', task.taskId, task.activeTisPerDagMax);
  dag.taskLimits.set(task.taskId, limit);
  return limit;
}

/**
 * Puts a lane where it belongs: nowhere when empty, parked at an exhausted limit, else in its
 * pool's line.
 */
function placeLane(lane: Lane): void {
  lane.parkedAt?.parked.delete(lane);
  lane.parkedAt = undefined;
  if (firstOf(lane.line) === undefined) return leaveHeap(lane.pool.lanes, lane);
  const limit = exhaustedLimit(lane);
  if (limit !== undefined) {
    leaveHeap(lane.pool.lanes, lane);
    limit.parked.add(lane);
    lane.parkedAt = limit;
  } else if (lane.heapIndex < 0) {
    joinHeap(lane.pool.lanes, lane);
  } else {
    moveInHeap(lane.pool.lanes, lane);
  }
}

function admit(picture: Picture, changes: ChangeSet, pool: Pool, nowMs: number): number {
  let admittedCount = 0;
  for (;;) {
    const lane = firstOf(pool.lanes);
    const instance = lane === undefined ? undefined : firstOf(lane.line);
    if (lane === undefined || instance === undefined) return admittedCount;
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
    if (poolSlots > freeSlots(pool)) return admittedCount;
    leaveHeap(lane.line, instance);
    instance.state = TaskInstanceState.QUEUED;
    instance.queuedAtMs = nowMs;
    occupy(instance);
    placeLane(lane);
    changes.instances.add(instance);
    joinHeap(queueOf(picture, instance.task.queue).ready, instance);
    admittedCount += 1;
  }
}

function isOversized(pool: Pool, poolSlots: number): boolean {
  return pool.slots !== undefined && pool.slots >= 0 && poolSlots > pool.slots;
}

/** Pools serve the lane whose first instance outranks the others'. */
function leads(a: Lane, b: Lane): boolean {
  const first = firstOf(a.line);
  const other = firstOf(b.line);
  return first !== undefined && (other === undefined || outranks(first, other));
}
