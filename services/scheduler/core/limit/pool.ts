// Pools: what is known of their slots, and what instances hold of them.
import { createFairLine } from './fair-line.ts';
import type { Instance } from '../instance.ts';
import { firstOf } from '../heap.ts';
import type { Lane, Pool } from '../lines.ts';
import type { Picture } from '../picture.ts';

/** Claims that find out about a pool of which nothing is known yet. */
const PROBES_MAX = 16;

/** A pool as the ledger told of it; undefined slots when it has not yet. */
export function poolOf(picture: Picture, name: string): Pool {
  const known = picture.pools.get(name);
  if (known !== undefined) return known;
  const pool: Pool = {
    name,
    slots: undefined,
    isMissing: false,
    includesDeferred: false,
    used: 0,
    unsettledSlots: 0,
    pendingSlots: 0,
    line: createFairLine(foremost),
    overtakenSlots: new Map(),
    oversized: new Set(),
  };
  picture.pools.set(name, pool);
  return pool;
}

/** The first instance of a lane. */
export function foremost({ line }: Lane): Instance | undefined {
  return firstOf(line);
}

/** Slots taken, with those that commits under way and to come take or give back. */
export function takenSlots({ used, unsettledSlots, pendingSlots }: Pool): number {
  return used + unsettledSlots + pendingSlots;
}

/**
 * Free slots of a pool, as far as is known; below 0 when it was made smaller than what is taken.
 */
export function freeSlots(pool: Pool): number {
  if (pool.slots === undefined) {
    if (pool.isMissing) return 0;
    const moving = pool.unsettledSlots + pool.pendingSlots;
    // The first probe may be of any size: the pool may well have room for it.
    return moving > 0 ? PROBES_MAX - moving : Number.POSITIVE_INFINITY;
  }
  return pool.slots < 0 ? Number.POSITIVE_INFINITY : pool.slots - takenSlots(pool);
}

/** True when a pool can never have so many slots free. */
export function isOversized({ slots }: Pool, poolSlots: number): boolean {
  return slots !== undefined && slots >= 0 && poolSlots > slots;
}

/** An instance takes its slots. */
export function takeSlots(instance: Instance): void {
  instance.holdsSlots = true;
  instance.lane.pool.pendingSlots += instance.task.poolSlots;
}

/** An instance gives its slots back; one that holds none is left alone. */
export function returnSlots(instance: Instance): void {
  if (!instance.holdsSlots) return;
  instance.holdsSlots = false;
  instance.lane.pool.pendingSlots -= instance.task.poolSlots;
}
