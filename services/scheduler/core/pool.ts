// Pools: who waits for their slots, and how many there are as far as this scheduler knows.
import { createHeap, firstOf, joinHeap, leaveHeap, moveInHeap } from './heap.ts';
import { type Instance, type Lane, outranks, type Picture, type Pool } from './picture.ts';

/** How many slots are claimed of a pool about which nothing is known, to find out. */
const PROBE_SLOTS = 8;

/** The pool of that name; one nobody has told of yet is made as unknown. */
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
    lanes: createHeap(isLaneBefore),
    oversized: new Set(),
  };
  picture.pools.set(name, pool);
  return pool;
}

/** Slots that can be claimed now with some hope: infinite for a pool without limit, 0 for one that does not exist. */
export function freeSlots(pool: Pool): number {
  const claimed = pool.unsettledSlots + pool.pendingSlots;
  if (pool.isMissing) return 0;
  if (pool.slots === undefined) return Math.max(0, PROBE_SLOTS - claimed);
  return pool.slots < 0 ? Number.POSITIVE_INFINITY : pool.slots - pool.used - claimed;
}

/** True when an instance will not fit however long it waits. */
export function isOversized(pool: Pool, slots: number): boolean {
  return pool.slots !== undefined && pool.slots >= 0 && slots > pool.slots;
}

/** True when an instance may be admitted now. A probe is granted whatever its size: the ledger knows better. */
export function fits(pool: Pool, slots: number): boolean {
  const free = freeSlots(pool);
  return pool.slots === undefined ? free > 0 : slots <= free;
}

/** Takes over what the ledger says of a pool. Answers true when those that were too large for it may fit now. */
export function learnPool(
  pool: Pool,
  state: { readonly slots: number; readonly used: number },
): void {
  pool.slots = state.slots;
  pool.used = state.used;
  pool.isMissing = false;
}

/** Somebody freed or changed slots: what was known of the pool holds no more. */
export function doubtPool(pool: Pool): void {
  pool.slots = undefined;
  pool.isMissing = false;
}

/** An instance that became SCHEDULED lines up in its lane. */
export function joinLane(instance: Instance): void {
  const { lane } = instance;
  joinHeap(lane.line, instance);
  if (lane.parkedAt !== undefined) return;
  if (lane.heapIndex < 0) joinHeap(lane.pool.lanes, lane);
  else moveInHeap(lane.pool.lanes, lane);
}

/** An instance leaves its lane, admitted or not wanted any more. */
export function leaveLane(instance: Instance): void {
  const { lane } = instance;
  lane.pool.oversized.delete(instance);
  leaveHeap(lane.line, instance);
  if (lane.line.members.length > 0) {
    moveInHeap(lane.pool.lanes, lane);
    return;
  }
  leaveHeap(lane.pool.lanes, lane);
  lane.parkedAt?.parked.delete(lane);
  lane.parkedAt = undefined;
}

/** Sets an instance aside that is too large for its pool, so that it does not block those behind it. */
export function setAside(instance: Instance): void {
  leaveLane(instance);
  instance.lane.pool.oversized.add(instance);
}

/** Those that were set aside line up again: the pool may have grown. */
export function recallOversized(pool: Pool): void {
  for (const instance of pool.oversized) {
    pool.oversized.delete(instance);
    joinLane(instance);
  }
}

function isLaneBefore(a: Lane, b: Lane): boolean {
  const [first, second] = [firstOf(a.line), firstOf(b.line)];
  if (first === undefined || second === undefined) return second === undefined;
  return outranks(first, second);
}
