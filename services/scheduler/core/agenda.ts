// What has to be looked at when: a heap of due instants, so that one clock timer serves them all.
import { createHeap, firstOf, type Heap, joinHeap, leaveHeap } from './heap.ts';

/**
 * Something to look at. Whoever looks checks that it still applies, so nothing is ever taken off
 * the agenda early.
 */
export type AgendaItem<T> = {
  /** When, in epoch milliseconds of the wall clock. */
  readonly dueMs: number;
  /** Items of one instant come up in the order in which they were put down. */
  readonly seq: number;
  readonly subject: T;
  heapIndex: number;
};

/** All that is coming, soonest first. */
export type Agenda<T> = { readonly items: Heap<AgendaItem<T>>; nextSeq: number };

/** An agenda with nothing on it. */
export function createAgenda<T>(): Agenda<T> {
  const isBefore = (a: AgendaItem<T>, b: AgendaItem<T>) =>
    a.dueMs === b.dueMs ? a.seq < b.seq : a.dueMs < b.dueMs;
  return { items: createHeap(isBefore), nextSeq: 0 };
}

/** Puts a subject on the agenda. */
export function putOnAgenda<T>(agenda: Agenda<T>, dueMs: number, subject: T): void {
  joinHeap(agenda.items, { dueMs, seq: agenda.nextSeq++, subject, heapIndex: -1 });
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
  return item.subject;
}
