// What instances wait in: the lanes of a run, the lines of pools, the queues of workers.
import type { Heap } from './heap.ts';
import type { Instance } from './instance.ts';
import { createFairLine, type FairLine, type Share } from './limit/fair-line.ts';
import type { Limit } from './limit/limit.ts';
import type { Picture } from './picture.ts';
import type { Run } from './run/run.ts';

/**
 * The SCHEDULED instances of one run that wait for the same limits and the same pool, so that
 * looking at the first of them says what holds all of them. A lane with instances stands either in
 * the pool's line or parked at an exhausted limit.
 */
export type Lane = {
  readonly run: Run;
  readonly limits: readonly Limit[];
  readonly pool: Pool;
  readonly line: Heap<Instance>;
  /** Where it stands in its pool's line; undefined when it does not. */
  share: Share<Lane> | undefined;
  parkedAt: Limit | undefined;
  /** Its place in its share, or among those parked at a limit. */
  heapIndex: number;
};

/**
 * A pool as last seen. Slots move in the ledger only, so this is an estimate, and the ledger may
 * refuse.
 */
export type Pool = {
  readonly name: string;
  /** Slots in all, −1 for infinite; undefined when unknown: a few claims find out. */
  slots: number | undefined;
  /** True when the last claims found no such pool. */
  isMissing: boolean;
  /** Whether tasks that wait for a trigger keep their slots meanwhile. */
  includesDeferred: boolean;
  /** Slots taken, by the last answer of the ledger. */
  used: number;
  /** What the commit under way adds. */
  unsettledSlots: number;
  /** What the next commit will add. */
  pendingSlots: number;
  /** The lanes that wait for slots. */
  readonly line: FairLine<Lane>;
  /** Slots that others got past those that needed more than were free. */
  readonly overtakenSlots: Map<Instance, number>;
  /** Instances that need more slots than the pool has. */
  readonly oversized: Set<Instance>;
};

/** Instances of one queue that may be leased. */
export type Queue = { readonly name: string; readonly ready: FairLine<Instance> };

/** The queue of that name, made when it is new. */
export function queueOf(picture: Picture, name: string): Queue {
  const known = picture.queues.get(name);
  if (known !== undefined) return known;
  const queue: Queue = { name, ready: createFairLine((instance) => instance) };
  picture.queues.set(name, queue);
  return queue;
}
