// What has to be looked at when: a heap of due instants, so that one clock timer serves them all.
import { createHeap, firstOf, type Heap, joinHeap, leaveHeap } from './heap.ts';

/**
 * Something to look at. Whoever looks checks that it still applies, so most of it stays to the end.
 * What stands there for somebody is taken off with them: a wait may have days left when it is over,
 * and would keep its whole run in memory.
 */
export type AgendaItem<T> = {
  /** When, in epoch milliseconds of the wall clock. */
  readonly dueMs: number;
  /** Items of one instant come up in the order in which they were put down. */
  readonly seq: number;
  readonly subject: T;
  /** For whom it stands there; undefined for what nobody takes off. */
  readonly owner: object | undefined;
  heapIndex: number;
};

/** All that is coming, soonest first. */
export type Agenda<T> = {
  readonly items: Heap<AgendaItem<T>>;
  /** What stands there for somebody: one item each. */
  readonly ofOwner: Map<object, AgendaItem<T>>;
  nextSeq: number;
};

/** An agenda with nothing on it. */
export function createAgenda<T>(): Agenda<T> {
  const isBefore = (a: AgendaItem<T>, b: AgendaItem<T>) =>
    a.dueMs === b.dueMs ? a.seq < b.seq : a.dueMs < b.dueMs;
  return { items: createHeap(isBefore), ofOwner: new Map(), nextSeq: 0 };
}

/** Puts a subject on the agenda, for an owner in place of what stood there for them. */
export function putOnAgenda<T>(agenda: Agenda<T>, dueMs: number, subject: T, owner?: object): void {
  const item = { dueMs, seq: agenda.nextSeq++, subject, owner, heapIndex: -1 };
  if (owner !== undefined) {
    takeOffAgenda(agenda, owner);
    agenda.ofOwner.set(owner, item);
  }
  joinHeap(agenda.items, item);
}

/** Takes off what stands on the agenda for an owner, if anything does. */
export function takeOffAgenda<T>({ items, ofOwner }: Agenda<T>, owner: object): void {
  const item = ofOwner.get(owner);
  if (item === undefined) return;
  ofOwner.delete(owner);
  leaveHeap(items, item);
}

/** When the next subject is due; undefined when there is none. */
export function nextDueMs<T>(agenda: Agenda<T>): number | undefined {
  return firstOf(agenda.items)?.dueMs;
}

/** Takes the next subject that is due at `nowMs`; undefined when none is. */
export function takeDue<T>(agenda: Agenda<T>, nowMs: number): T | undefined {
  const item = firstOf(agenda.items);
  if (item === undefined || item.dueMs > nowMs) return undefined;
  leaveHeap(agenda.items, item);
  if (item.owner !== undefined) agenda.ofOwner.delete(item.owner);
  return item.subject;
}
