// Credit: how many leases each worker may still be sent, and which of its slots stand in an offer
// to a scheduler.
//
// A worker's free slots are computed, never counted up and down: its slots less what it holds, less
// what it has not let go of, less what is on offer. So nothing that is lost on the way (a stream,
// an answer, a report) can leak a slot, and the sum never exceeds what the worker said it has.
import type { Roster, WorkerEntry } from './roster.ts';

/** Free slots of one worker, on offer to one scheduler until they are settled. */
export type Offer = { readonly worker: WorkerEntry; readonly slots: number };

/** Most workers in one offer to a scheduler, as the contract has it. */
export const OFFERS_MAX = 10_000;

/**
 * Outcomes of one worker that may wait for their schedulers, beside one for each of its slots,
 * before it gets no more leases. This is what bounds them in memory while schedulers or the ledger
 * are away; far more than are ever on their way while all is well.
 */
const UNANSWERED_MAX = 256;

/** Slots that may be offered now: 0 unless the worker takes work and its outcomes are taken. */
export function freeSlots(worker: WorkerEntry): number {
  return worker.unanswered.size < UNANSWERED_MAX + worker.slots ? room(worker) : 0;
}

/** Leases that the worker can take. */
function room(worker: WorkerEntry): number {
  if (worker.state !== 'active') return 0;
  return Math.max(0, worker.slots - takenSlots(worker) - worker.offeredCount);
}

/**
 * A worker without a stream asks for what it has free at that moment, so only leases on their way
 * to it count.
 */
function takenSlots(worker: WorkerEntry): number {
  if (worker.kind === 'stream') return worker.held.size + worker.leaving.size;
  let count = 0;
  for (const { phase } of worker.held.values()) if (phase === 'leased') count += 1;
  return count;
}

/**
 * True when the worker has room for one more lease that it was offered for, or that it has credit
 * for by now.
 */
export function canHold(worker: WorkerEntry): boolean {
  return room(worker) > 0;
}

/** Free slots that no report is about to offer, for every queue that some worker serves. */
export function idleSlotsByQueue(roster: Roster): Map<string, number> {
  const byQueue = new Map<string, number>();
  for (const worker of roster.workers.values()) {
    const slots = isIdle(worker, undefined) ? freeSlots(worker) : 0;
    for (const queue of worker.queues) byQueue.set(queue, (byQueue.get(queue) ?? 0) + slots);
  }
  return byQueue;
}

/** Free slots that no report is about to offer, over all workers of a queue, or of any queue. */
export function idleSlots(roster: Roster, queue?: string): number {
  let sum = 0;
  for (const worker of roster.workers.values()) if (isIdle(worker, queue)) sum += freeSlots(worker);
  return sum;
}

/**
 * Takes free slots for an offer, those of the worker with most of them first, at most `slotsMax` in
 * all; of one queue, or of some workers only, if told so. They count as taken until `settle`.
 */
export function takeOffers(
  roster: Roster,
  options: {
    readonly slotsMax: number;
    readonly queue?: string;
    readonly isWanted?: (worker: WorkerEntry) => boolean;
  },
): Offer[] {
  const { queue, isWanted = () => true } = options;
  const free = [...roster.workers.values()]
    .filter((worker) => isIdle(worker, queue) && freeSlots(worker) > 0 && isWanted(worker))
    .sort((a, b) => freeSlots(b) - freeSlots(a))
    .slice(0, OFFERS_MAX);
  const offers: Offer[] = [];
  let left = options.slotsMax;
  for (const worker of free) {
    if (left <= 0) break;
    const offer = takeOffer(worker, left);
    if (offer === undefined) continue;
    offers.push(offer);
    left -= offer.slots;
  }
  return offers;
}

/**
 * Takes the free slots of one worker for an offer, at most `slotsMax`; undefined when it has none.
 */
export function takeOffer(worker: WorkerEntry, slotsMax: number): Offer | undefined {
  const slots = Math.min(freeSlots(worker), slotsMax);
  if (slots <= 0) return undefined;
  worker.offeredCount += slots;
  worker.offersCount += 1;
  return { worker, slots };
}

/**
 * The offers were answered, or came to nothing: their slots are free again, until leases take them.
 */
export function settle(offers: readonly Offer[]): void {
  for (const { worker, slots } of offers) worker.offeredCount -= slots;
}

/**
 * The worker gives slots back that lost attempts still took. More than those there are is no
 * credit.
 */
export function addCredit(worker: WorkerEntry, slots: number): void {
  for (const attemptId of [...worker.leaving].slice(0, slots)) worker.leaving.delete(attemptId);
}

/** Offers in the contract's words. */
export function toSlotOffers(offers: readonly Offer[]) {
  return offers.map(({ worker, slots }) => ({
    workerId: worker.workerId,
    queues: [...worker.queues],
    slots,
  }));
}

function isIdle(worker: WorkerEntry, queue: string | undefined): boolean {
  if (worker.hopsCount > 0) return false;
  return queue === undefined || worker.queues.includes(queue);
}
