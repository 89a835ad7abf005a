// A line in which DAGs of the same priority take turns: for the slots of a pool, for workers.
//
// What waits stands in shares (one for each DAG), shares in bands (one for each priority), bands in
// the line; each is a heap, so the next in turn is known at once, and a change costs the logarithm
// of how many wait.
//
// Within a band, turns are those of start-time fair queueing: a DAG has a virtual time, which moves
// on by what it gets divided by its weight, and the least is next. A DAG that comes, or comes back,
// begins where the band stands: it cannot have saved up turns, and need not make up for turns that
// nobody else wanted. One DAG alone is always next, so it is not slowed.
//
// Between bands the ranks of those whose turn it is decide. Waiting lifts them, as it lifts
// everybody, and in each band everybody's turn comes; so a band of low priority is served in the
// end, and a DAG with a long row of old instances cannot keep another out of its own band.
import { createHeap, firstOf, type Heap, type HeapMember } from '../heap.ts';
import { joinHeap, leaveHeap, moveInHeap } from '../heap.ts';
import type { Instance } from '../instance.ts';
import type { Dag } from '../dag.ts';
import type { Run } from '../run/run.ts';
import { outranks } from './rank.ts';

/** What can stand in a line: an instance, or a lane of them. It stands in one at a time. */
export type Waiting<T extends HeapMember> = {
  readonly run: Run;
  /** Where it stands; undefined when it does not. */
  share: Share<T> | undefined;
  heapIndex: number;
};

/** All that wait for one thing and that nothing else holds up. */
export type FairLine<T extends HeapMember> = {
  readonly bands: Heap<Band<T>>;
  readonly byPriority: Map<number, Band<T>>;
  /** The instance for which something stands there. */
  readonly foremost: (item: T) => Instance | undefined;
  /** How many stand in it. */
  count: number;
};

/** Those whose foremost instance has one priority. It exists while somebody stands in it. */
export type Band<T extends HeapMember> = {
  readonly line: FairLine<T>;
  readonly priority: number;
  /** DAGs that wait in it, the one whose turn it is first. */
  readonly shares: Heap<Share<T>>;
  /** These, and those that stood in it before: their virtual times count when they come back. */
  readonly byDag: Map<Dag, Share<T>>;
  /** That of the DAG that was served last. */
  virtualTime: number;
  heapIndex: number;
};

/** What waits of one DAG in a band, best rank first. */
export type Share<T extends HeapMember> = {
  readonly band: Band<T>;
  readonly dag: Dag;
  readonly items: Heap<T>;
  /** The best of all instances in it; kept, as turns are compared far more than changed. */
  first: Instance | undefined;
  /** What the DAG got while others waited as well, divided by its weight. */
  virtualTime: number;
  heapIndex: number;
};

/** A line in which nobody stands. */
export function createFairLine<T extends Waiting<T>>(
  foremost: (item: T) => Instance | undefined,
): FairLine<T> {
  const bands = createHeap<Band<T>>((a, b) => outranksAny(bestOf(a), bestOf(b)));
  return { bands, byPriority: new Map(), foremost, count: 0 };
}

/** Who is next; undefined when nobody waits. */
export function firstInLine<T extends Waiting<T>>(line: FairLine<T>): T | undefined {
  const band = firstOf(line.bands);
  const share = band === undefined ? undefined : firstOf(band.shares);
  return share === undefined ? undefined : firstOf(share.items);
}

/** True when nobody waits. */
export function isLineEmpty<T extends Waiting<T>>({ count }: FairLine<T>): boolean {
  return count === 0;
}

/** All that stand in a line, in no order. */
export function* allInLine<T extends Waiting<T>>(line: FairLine<T>): Generator<T> {
  for (const { shares } of line.bands.members) {
    for (const { items } of shares.members) yield* items.members;
  }
}

/** Puts something where its foremost instance belongs; it may stand in the line already. */
export function standInLine<T extends Waiting<T>>(line: FairLine<T>, item: T): void {
  const priority = line.foremost(item)?.task.priority ?? 0;
  const known = item.share;
  if (known?.band.priority === priority) {
    const wasFirst = item.heapIndex === 0;
    moveInHeap(known.items, item);
    return wasFirst || item.heapIndex === 0 ? settle(known) : undefined;
  }
  leaveLine(item);
  const share = shareOf(bandOf(line, priority), item.run.dag);
  item.share = share;
  line.count += 1;
  joinHeap(share.items, item);
  // Behind others of its DAG it changes nothing for the other DAGs.
  if (item.heapIndex === 0) settle(share);
}

/** Takes something out; what does not stand in line is left alone. */
export function leaveLine<T extends Waiting<T>>(item: T): void {
  const { share } = item;
  if (share === undefined) return;
  const wasFirst = item.heapIndex === 0;
  item.share = undefined;
  share.band.line.count -= 1;
  leaveHeap(share.items, item);
  if (wasFirst) settle(share);
}

/**
 * The foremost of something gets as much as that: its DAG moves on. It must leave the line, or be
 * put in its place again.
 */
export function countTurn<T extends Waiting<T>>({ share }: T, got: number): void {
  if (share === undefined) return;
  share.band.virtualTime = share.virtualTime;
  share.virtualTime += got / share.dag.version.fairShareWeight;
}

/** True when the foremost instance of something outranks that of something else. */
export function isBefore<T>(foremost: (item: T) => Instance | undefined, a: T, b: T): boolean {
  return outranksAny(foremost(a), foremost(b));
}

function outranksAny(a: Instance | undefined, b: Instance | undefined): boolean {
  return a !== undefined && (b === undefined || outranks(a, b));
}

function bestOf<T extends Waiting<T>>({ shares }: Band<T>): Instance | undefined {
  return firstOf(shares)?.first;
}

function bandOf<T extends Waiting<T>>(line: FairLine<T>, priority: number): Band<T> {
  const known = line.byPriority.get(priority);
  if (known !== undefined) return known;
  const shares = createHeap<Share<T>>((a, b) => {
    if (a.virtualTime !== b.virtualTime) return a.virtualTime < b.virtualTime;
    return outranksAny(a.first, b.first);
  });
  const band: Band<T> = {
    ...{ line, priority, shares, byDag: new Map() },
    ...{ virtualTime: 0, heapIndex: -1 },
  };
  line.byPriority.set(priority, band);
  return band;
}

function shareOf<T extends Waiting<T>>(band: Band<T>, dag: Dag): Share<T> {
  const known = band.byDag.get(dag);
  if (known !== undefined) return known;
  const items = createHeap<T>((a, b) => isBefore(band.line.foremost, a, b));
  const share: Share<T> = {
    ...{ band, dag, items, first: undefined },
    ...{ virtualTime: 0, heapIndex: -1 },
  };
  band.byDag.set(dag, share);
  return share;
}

/** Puts a share, and its band, right after its first item or its virtual time has changed. */
function settle<T extends Waiting<T>>(share: Share<T>): void {
  const { band, dag } = share;
  const wasFirst = share.heapIndex === 0;
  const item = firstOf(share.items);
  share.first = item === undefined ? undefined : band.line.foremost(item);
  if (item === undefined) {
    leaveHeap(band.shares, share);
    if (!dag.isOwned) band.byDag.delete(dag);
  } else if (share.heapIndex < 0) {
    share.virtualTime = Math.max(share.virtualTime, band.virtualTime);
    joinHeap(band.shares, share);
  } else {
    moveInHeap(band.shares, share);
  }
  if (wasFirst || share.heapIndex === 0) settleBand(band);
}

/** Puts a band right after the share whose turn it is, or the first item of that, has changed. */
function settleBand<T extends Waiting<T>>(band: Band<T>): void {
  const { line } = band;
  if (band.shares.members.length === 0) {
    leaveHeap(line.bands, band);
    line.byPriority.delete(band.priority);
  } else if (band.heapIndex < 0) {
    joinHeap(line.bands, band);
  } else {
    moveInHeap(line.bands, band);
  }
}
