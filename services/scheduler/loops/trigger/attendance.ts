// Who attends which wait. Those that nobody attends stand in line, higher priority first, so that
// each change costs what it touches, however many wait.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { TriggerLeaseSchema } from '#gen/dagmesh/scheduler/v1/trigger_lease_pb.ts';
import { createHeap, firstOf, type Heap, joinHeap, leaveHeap } from '../../core/heap.ts';

/** Somebody with room for so many waits. */
export type Attends = { readonly capacity: number; readonly held: Set<string> };

/** A wait as it is handed out. */
export type WaitToAttend = {
  readonly waitId: string;
  readonly priority: number;
  readonly lease: () => MessageInitShape<typeof TriggerLeaseSchema>;
};

type Place<A> = WaitToAttend & {
  readonly seq: number;
  /** Undefined while it stands in line. */
  holder: A | undefined;
  heapIndex: number;
};

/** All waits that are known, and the line of those that nobody attends. */
export type Attendance<A extends Attends> = {
  readonly places: Map<string, Place<A>>;
  readonly line: Heap<Place<A>>;
  nextSeq: number;
};

/** Nobody waits. */
export function createAttendance<A extends Attends>(): Attendance<A> {
  const isBefore = (a: Place<A>, b: Place<A>) =>
    a.priority === b.priority ? a.seq < b.seq : a.priority > b.priority;
  return { places: new Map(), line: createHeap(isBefore), nextSeq: 0 };
}

/** A wait stands in line; one that is known is left where it is. */
export function standInLine<A extends Attends>(of: Attendance<A>, wait: WaitToAttend): void {
  if (of.places.has(wait.waitId)) return;
  const place = { ...wait, seq: of.nextSeq++, holder: undefined, heapIndex: -1 };
  of.places.set(wait.waitId, place);
  joinHeap(of.line, place);
}

/** A wait is over; answers who attended it. */
export function leaveAttendance<A extends Attends>(
  of: Attendance<A>,
  waitId: string,
): A | undefined {
  const place = of.places.get(waitId);
  if (place === undefined) return undefined;
  of.places.delete(waitId);
  leaveHeap(of.line, place);
  place.holder?.held.delete(waitId);
  return place.holder;
}

/** Somebody attends no more: the waits stand in line again. */
export function putBack<A extends Attends>(of: Attendance<A>, attendant: A): void {
  for (const waitId of attendant.held) {
    const place = of.places.get(waitId);
    if (place === undefined) continue;
    place.holder = undefined;
    joinHeap(of.line, place);
  }
  attendant.held.clear();
}

/** Gives the waits in line to those who have most room; answers who got which. */
export function handOut<A extends Attends>(
  of: Attendance<A>,
  attendants: Iterable<A>,
): ReadonlyMap<A, readonly WaitToAttend[]> {
  const all = [...attendants];
  const given = new Map<A, WaitToAttend[]>();
  for (let place = firstOf(of.line); place !== undefined; place = firstOf(of.line)) {
    const attendant = roomiestOf(all);
    if (attendant === undefined) break;
    leaveHeap(of.line, place);
    place.holder = attendant;
    attendant.held.add(place.waitId);
    const own = given.get(attendant) ?? [];
    own.push(place);
    given.set(attendant, own);
  }
  return given;
}

function roomiestOf<A extends Attends>(attendants: readonly A[]): A | undefined {
  let best: A | undefined;
  for (const attendant of attendants) {
    if (attendant.held.size >= attendant.capacity) continue;
    if (best === undefined || attendant.held.size < best.held.size) best = attendant;
  }
  return best;
}
