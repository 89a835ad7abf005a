// The line of a pool, in which DAGs of the same priority take turns.
//
// Lanes stand in shares (one for each DAG), shares in bands (one for each priority), bands in the
// line; each is a heap, so the next in turn is known at once, and a change costs the logarithm of
// how many wait.
//
// Within a band, turns are those of start-time fair queueing: a DAG has a virtual time, which moves
// on by the slots it gets divided by its weight, and the least is next. A DAG that comes, or comes
// back, begins where the band stands: it cannot have saved up turns, and need not make up for
// turns that nobody else wanted. One DAG alone is always next, so it is not slowed.
//
// Between bands the ranks of those whose turn it is decide. Waiting lifts them, as it lifts
// everybody, and in each band everybody's turn comes; so a band of low priority is served in the
// end, and a DAG with a long row of old instances cannot keep another out of its own band.
import { createHeap, firstOf, type Heap, joinHeap, leaveHeap, moveInHeap } from './heap.ts';
import type { Dag, Lane } from './picture.ts';
import { outranks } from './rank.ts';

/** All lanes that wait for one pool and that no limit holds up. */
export type FairLine = {
  readonly bands: Heap<Band>;
  readonly byPriority: Map<number, Band>;
};

/** Those whose first instance has one priority. It exists while somebody stands in it. */
export type Band = {
  readonly line: FairLine;
  readonly priority: number;
  /** DAGs with lanes in it, the one whose turn it is first. */
  readonly shares: Heap<Share>;
  /** These, and those that stood in it before: their virtual times count when they come back. */
  readonly byDag: Map<Dag, Share>;
  /** That of the DAG that was served last. */
  virtualTime: number;
  heapIndex: number;
};

/** The lanes of one DAG in a band, best rank first. */
export type Share = {
  readonly band: Band;
  readonly dag: Dag;
  readonly lanes: Heap<Lane>;
  /** Slots that the DAG got while others waited as well, divided by its weight. */
  virtualTime: number;
  heapIndex: number;
};

/** A line in which nobody stands. */
export function createFairLine(): FairLine {
  return { bands: createHeap(isBandBefore), byPriority: new Map() };
}

/** The lane whose turn it is; undefined when nobody waits. */
export function firstLane(line: FairLine): Lane | undefined {
  const band = firstOf(line.bands);
  return band === undefined ? undefined : firstOfBand(band);
}

/** True when nobody waits. */
export function isLineEmpty(line: FairLine): boolean {
  return line.bands.members.length === 0;
}

/** Puts a lane with instances where its first one belongs; it may stand in line already. */
export function standInLine(line: FairLine, lane: Lane): void {
  const priority = firstOf(lane.line)?.task.priority ?? 0;
  if (lane.share?.band.priority === priority) {
    moveInHeap(lane.share.lanes, lane);
    return settle(lane.share);
  }
  leaveLine(lane);
  const share = shareOf(bandOf(line, priority), lane.run.dag);
  lane.share = share;
  joinHeap(share.lanes, lane);
  settle(share);
}

/** Takes a lane out; one that does not stand in line is left alone. */
export function leaveLine(lane: Lane): void {
  const { share } = lane;
  if (share === undefined) return;
  lane.share = undefined;
  leaveHeap(share.lanes, lane);
  settle(share);
}

/** The first of a lane gets slots: its DAG moves on. The lane must then be put in its place. */
export function countTurn(lane: Lane, slots: number): void {
  const { share } = lane;
  if (share === undefined) return;
  share.band.virtualTime = share.virtualTime;
  share.virtualTime += slots / share.dag.version.fairShareWeight;
}

function bandOf(line: FairLine, priority: number): Band {
  const known = line.byPriority.get(priority);
  if (known !== undefined) return known;
  const shares = createHeap(isShareBefore);
  const band: Band = { line, priority, shares, byDag: new Map(), virtualTime: 0, heapIndex: -1 };
  line.byPriority.set(priority, band);
  return band;
}

function shareOf(band: Band, dag: Dag): Share {
  const known = band.byDag.get(dag);
  if (known !== undefined) return known;
  const lanes = createHeap<Lane>(isLaneBefore);
  const share: Share = { band, dag, lanes, virtualTime: 0, heapIndex: -1 };
  band.byDag.set(dag, share);
  return share;
}

/** Puts a share, and its band, right after its lanes or its virtual time have changed. */
function settle(share: Share): void {
  const { band, dag } = share;
  const { line } = band;
  if (share.lanes.members.length === 0) {
    leaveHeap(band.shares, share);
    if (!dag.isOwned) band.byDag.delete(dag);
  } else if (share.heapIndex < 0) {
    share.virtualTime = Math.max(share.virtualTime, band.virtualTime);
    joinHeap(band.shares, share);
  } else {
    moveInHeap(band.shares, share);
  }
  if (band.shares.members.length === 0) {
    leaveHeap(line.bands, band);
    line.byPriority.delete(band.priority);
  } else if (band.heapIndex < 0) {
    joinHeap(line.bands, band);
  } else {
    moveInHeap(line.bands, band);
  }
}

function isBandBefore(a: Band, b: Band): boolean {
  return isLaneBefore(firstOfBand(a), firstOfBand(b));
}

function isShareBefore(a: Share, b: Share): boolean {
  if (a.virtualTime !== b.virtualTime) return a.virtualTime < b.virtualTime;
  return isLaneBefore(firstOf(a.lanes), firstOf(b.lanes));
}

/** True when the first instance of one lane outranks that of another. */
export function isLaneBefore(a: Lane | undefined, b: Lane | undefined): boolean {
  const first = a === undefined ? undefined : firstOf(a.line);
  const other = b === undefined ? undefined : firstOf(b.line);
  return first !== undefined && (other === undefined || outranks(first, other));
}

function firstOfBand({ shares }: Band): Lane | undefined {
  const share = firstOf(shares);
  return share === undefined ? undefined : firstOf(share.lanes);
}
