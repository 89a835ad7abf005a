// Leasing: the best queued instances for the free slots that workers offer.
import { announceTry } from '../alert/begins.ts';
import type { ChangeSet } from '../change-set.ts';
import { countTurn, firstInLine, isLineEmpty, leaveLine } from '../limit/fair-line.ts';
import type { Instance } from '../instance.ts';
import { forgetBegin, noteBegin } from '../limit/key-limits.ts';
import { queueOf } from '../lines.ts';
import type { Moment, Picture } from '../picture.ts';
import type { Attempt } from './attempt.ts';
import type { Offer } from './offer.ts';
import { outranks } from '../limit/rank.ts';
import { TaskAttemptState, TaskInstanceState } from '../state.ts';
import { noteOffer } from './worker-register.ts';

/** Most leases of one answer, and most characters of params and arguments: a message has limits. */
const LEASES_MAX = 1_000;
const TEXTS_MAX = 8_000_000;

export type LeaseRequest = { readonly executorId: string; readonly offers: readonly Offer[] };

/** Leases into the offered slots, one slot of each worker in turn so that work spreads. */
export function leaseInto(
  picture: Picture,
  changes: ChangeSet,
  request: LeaseRequest,
  moment: Moment,
): Attempt[] {
  const leases: Attempt[] = [];
  let open = request.offers.map((offer) => ({ ...offer }));
  for (const offer of open) noteOffer(picture.workers, offer, moment.monotonicMs);
  let textsSize = 0;
  while (open.length > 0) {
    open = open.filter((offer) => {
      if (leases.length >= LEASES_MAX || textsSize >= TEXTS_MAX) return false;
      const instance = takeBest(picture, offer.queues);
      if (instance === undefined) return false;
      const { executorId } = request;
      leases.push(startAttempt(picture, changes, instance, moment, { ...offer, executorId }));
      textsSize += instance.run.confJson.length + instance.task.literalsJson.length;
      offer.slots -= 1;
      return offer.slots > 0;
    });
  }
  return leases;
}

/** Gives work to offers that wait for it; answers those that got some and no longer wait. */
export function serveWaiters(picture: Picture, changes: ChangeSet, moment: Moment): void {
  if (picture.waiters.size === 0 || !hasReady(picture)) return;
  for (const waiter of picture.waiters) {
    waiter.leases = leaseInto(picture, changes, waiter, moment);
    if (waiter.leases.length > 0) picture.waiters.delete(waiter);
  }
}

/**
 * Whether an attempt that was leased is really there, once its commit is answered: the ledger may
 * have refused its slots, or its partition was lost before.
 */
export function isLive(attempt: Attempt): boolean {
  return attempt.isStored && attempt.instance.attempt === attempt;
}

/** Instances of a queue that could be leased now. */
export function countReady(picture: Picture, queue: string): number {
  return picture.queues.get(queue)?.ready.count ?? 0;
}

/** Puts an instance that was leased in vain back as it was: the ledger refused its slots. */
export function takeBack(picture: Picture, attempt: Attempt): void {
  const { instance } = attempt;
  picture.attempts.delete(attempt.attemptId);
  instance.attempt = undefined;
  instance.attemptId = attempt.previousId;
  if (!attempt.isResumed) instance.tryNumber -= 1;
  instance.epoch -= 1;
  forgetBegin(attempt);
}

function hasReady(picture: Picture): boolean {
  for (const { ready } of picture.queues.values()) if (!isLineEmpty(ready)) return true;
  return false;
}

function takeBest(picture: Picture, queues: readonly string[]): Instance | undefined {
  let best: Instance | undefined;
  for (const name of queues) {
    const first = firstInLine(queueOf(picture, name).ready);
    if (first !== undefined && (best === undefined || outranks(first, best))) best = first;
  }
  if (best === undefined) return undefined;
  countTurn(best, 1);
  leaveLine(best);
  return best;
}

function startAttempt(
  picture: Picture,
  changes: ChangeSet,
  instance: Instance,
  moment: Moment,
  place: { readonly workerId: string; readonly executorId: string },
): Attempt {
  const isResumed = instance.wait !== undefined;
  const { executionTimeoutMs } = instance.task;
  if (!isResumed) {
    instance.tryNumber += 1;
    instance.reschedulesCount = 0;
  }
  // Its time counts from the beginning of the try, whatever it waits for in between. A sensor that
  // is run again later has as much for each look; how long it may look in all is its own timeout.
  if (
    !isResumed ||
    (instance.wait?.trigger === undefined && instance.wait?.humanInput === undefined)
  ) {
    instance.deadlineMs =
      executionTimeoutMs === undefined ? undefined : moment.nowMs + executionTimeoutMs;
  }
  const attempt: Attempt = {
    attemptId: moment.newId(),
    instance,
    isResumed,
    tryNumber: instance.tryNumber,
    epoch: instance.epoch + 1,
    workerId: place.workerId,
    executorId: place.executorId,
    startMs: moment.nowMs,
    previousId: instance.attemptId,
    state: TaskAttemptState.RUNNING,
    endMs: undefined,
    error: undefined,
    leaseUntilMs: Number.POSITIVE_INFINITY,
    timeoutAtMs: timeoutOf(picture, instance, moment),
    cancel: undefined,
    isStored: false,
  };
  instance.state = TaskInstanceState.RUNNING;
  instance.attempt = attempt;
  instance.attemptId = attempt.attemptId;
  if (isResumed) changes.carried.set(attempt, attempt.previousId);
  instance.epoch = attempt.epoch;
  noteBegin(picture, attempt);
  if (!isResumed) {
    instance.startMs = moment.nowMs;
    announceTry(picture, instance);
  }
  instance.endMs = undefined;
  picture.attempts.set(attempt.attemptId, attempt);
  changes.attempts.add(attempt);
  changes.instances.add(instance);
  return attempt;
}

/** The worker ends an attempt at its timeout; the server does when the worker did not. */
export function timeoutOf(picture: Picture, instance: Instance, moment: Moment): number {
  const { deadlineMs } = instance;
  if (deadlineMs === undefined) return Number.POSITIVE_INFINITY;
  const { killGraceMs, sweepMs } = picture.timing;
  const leftMs = Math.max(deadlineMs - moment.nowMs, 0);
  return moment.monotonicMs + leftMs + killGraceMs + sweepMs;
}
