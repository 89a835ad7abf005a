// Credit: a worker is never sent more leases than it has room for, whatever happens in whatever
// order.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addCredit,
  canHold,
  freeSlots,
  idleSlots,
  type Offer,
  settle,
  takeOffers,
} from './credit.ts';
import { listAttempts } from './heartbeat.ts';
import { type AttemptEntry, createRoster, forget, release, revoke } from './roster.ts';
import { anAttempt, aWorker } from '../testing/roster.ts';

test('free slots are those that are neither held nor on offer', () => {
  const roster = createRoster();
  const worker = aWorker(roster, { slots: 5 });
  anAttempt(roster, worker);
  const offers = takeOffers(roster, { slotsMax: 3 });
  expect(offers).toEqual([{ worker, slots: 3 }]);
  expect(freeSlots(worker)).toBe(1);
  settle(offers);
  expect(freeSlots(worker)).toBe(4);
});

test('a worker whose outcomes nobody takes gets no more work, until they are taken', () => {
  const roster = createRoster();
  const worker = aWorker(roster, { slots: 2 });
  const ended: AttemptEntry[] = [];
  while (freeSlots(worker) > 0 && ended.length < 10_000) {
    const attempt = anAttempt(roster, worker);
    release(roster, attempt);
    ended.push(attempt);
  }
  expect(ended.length).toBeGreaterThan(100);
  expect(ended.length).toBeLessThan(1_000);
  for (const attempt of ended) forget(roster, attempt);
  expect(freeSlots(worker)).toBe(2);
});

test('only active workers of the queue are offered, those with most room first', () => {
  const roster = createRoster();
  aWorker(roster, { workerId: 'small', slots: 1 });
  aWorker(roster, { workerId: 'large', slots: 3 });
  aWorker(roster, { workerId: 'draining', slots: 9, state: 'draining' });
  aWorker(roster, { workerId: 'suspect', slots: 9, state: 'suspect' });
  aWorker(roster, { workerId: 'elsewhere', slots: 9, queues: ['gpu'] });
  const offers = takeOffers(roster, { queue: 'default', slotsMax: 100 });
  expect(offers.map(({ worker, slots }) => [worker.workerId, slots])).toEqual([
    ['large', 3],
    ['small', 1],
  ]);
});

test('slots that a report is about to offer are not offered twice', () => {
  const roster = createRoster();
  const worker = aWorker(roster, { slots: 2 });
  worker.hopsCount = 1;
  expect(idleSlots(roster)).toBe(0);
  expect(takeOffers(roster, { slotsMax: 10 })).toEqual([]);
});

test('a worker without a stream has as many free slots as its waiting calls ask for', () => {
  const roster = createRoster();
  const worker = aWorker(roster, { kind: 'unary', slots: 2 });
  anAttempt(roster, worker, { phase: 'running' });
  expect(freeSlots(worker)).toBe(2);
  anAttempt(roster, worker, { phase: 'leased' });
  expect(freeSlots(worker)).toBe(1);
});

/** What can happen to one worker; numbers choose which attempt or how many. */
const happening = fc.oneof(
  fc.record({ kind: fc.constant('offer' as const), slots: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant('answer' as const), leases: fc.nat(9) }),
  fc.record({ kind: fc.constant('finish' as const), which: fc.nat(99) }),
  fc.record({ kind: fc.constant('lose' as const), which: fc.nat(99) }),
  fc.record({ kind: fc.constant('let go' as const), says: fc.constantFrom('credit', 'heartbeat') }),
  fc.record({ kind: fc.constant('heartbeat' as const) }),
);

test('at no time does a worker hold more attempts than it has slots', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(happening, { maxLength: 200 }),
      (slots, story) => {
        const roster = createRoster();
        const worker = aWorker(roster, { slots });
        const offers: Offer[] = [];
        // What the worker itself knows: attempts that take a slot of it, and those among them it
        // was told to end.
        const taken = new Set<string>();
        const ending = new Set<string>();
        const heartbeat = () =>
          listAttempts(worker, [...taken], { monotonicMs: 0, isReported: () => false });
        const pick = (which: number) => {
          const held = [...worker.held.values()];
          return held.length === 0 ? undefined : held[which % held.length];
        };
        let count = 0;
        for (const event of story) {
          if (event.kind === 'offer') {
            offers.push(...takeOffers(roster, { slotsMax: event.slots }));
          } else if (event.kind === 'answer') {
            const offer = offers.shift();
            if (offer === undefined) continue;
            settle([offer]);
            for (let lease = 0; lease < Math.min(event.leases, offer.slots); lease += 1) {
              if (!canHold(worker)) break;
              count += 1;
              taken.add(anAttempt(roster, worker, { attemptId: `a${count}` }).attemptId);
            }
          } else if (event.kind === 'finish') {
            const attempt = pick(event.which);
            if (attempt === undefined) continue;
            taken.delete(attempt.attemptId);
            release(roster, attempt);
          } else if (event.kind === 'lose') {
            const attempt = pick(event.which);
            if (attempt === undefined) continue;
            revoke(roster, attempt);
            ending.add(attempt.attemptId);
          } else if (event.kind === 'let go') {
            const [attemptId] = ending;
            if (attemptId === undefined) continue;
            ending.delete(attemptId);
            taken.delete(attemptId);
            if (event.says === 'credit') addCredit(worker, 1);
            else heartbeat();
          } else {
            heartbeat();
          }
          expect(taken.size).toBeLessThanOrEqual(slots);
          expect(worker.offeredCount).toBeLessThanOrEqual(slots);
        }
        // Nothing leaks: once everything has ended and was said, all slots are free again.
        for (const offer of offers) settle([offer]);
        for (const attempt of worker.held.values()) release(roster, attempt);
        taken.clear();
        heartbeat();
        expect(freeSlots(worker)).toBe(slots);
      },
    ),
    { numRuns: 300 },
  );
});
