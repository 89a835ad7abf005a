// Heartbeats, silence and returns: who is alive, what is lost, what is kept.
import { describe, expect, test } from 'vitest';
import { accept, listAttempts, tokensToRefresh } from './heartbeat.ts';
import { planRenewals, RENEWAL_ATTEMPTS_MAX } from './renewal.ts';
import { resume } from './resume.ts';
import { createRoster, forget, newWorker, release, revoke, type WorkerEntry } from './roster.ts';
import { findOverdue, forgiveGap } from './sweep.ts';
import { anAttempt, aWorker } from '../testing/roster.ts';

const leaseTtlMs = 15_000;

const list = (
  worker: WorkerEntry,
  attemptIds: readonly string[],
  options: Partial<Parameters<typeof listAttempts>[2]> = {},
) => listAttempts(worker, attemptIds, { monotonicMs: 1, isReported: () => false, ...options });

describe('a heartbeat', () => {
  test('that lists an attempt of nobody or of another worker names it as lost', () => {
    const roster = createRoster();
    const worker = aWorker(roster);
    const other = aWorker(roster, { workerId: 'other' });
    const own = anAttempt(roster, worker);
    const foreign = anAttempt(roster, other);
    const ids = [own.attemptId, foreign.attemptId, 'unknown'];
    expect(list(worker, ids)).toEqual([foreign.attemptId, 'unknown']);
  });

  test('that is older than the worker’s own report does not call its attempt lost', () => {
    const roster = createRoster();
    const worker = aWorker(roster);
    const attempt = anAttempt(roster, worker);
    release(roster, attempt);
    expect(list(worker, [attempt.attemptId], { isReported: () => true })).toEqual([]);
  });

  test('that lists an attempt which was taken away says so again', () => {
    const roster = createRoster();
    const worker = aWorker(roster);
    const attempt = anAttempt(roster, worker);
    revoke(roster, attempt);
    const ids = [attempt.attemptId];
    expect(list(worker, ids, { isReported: () => true })).toEqual(ids);
  });

  test('that lists a lease counts as its start', () => {
    const roster = createRoster();
    const worker = aWorker(roster);
    const attempt = anAttempt(roster, worker, { phase: 'leased' });
    list(worker, [attempt.attemptId]);
    expect(attempt.phase).toBe('running');
  });

  test('brings new tokens for attempts that have used up half of theirs', () => {
    const roster = createRoster();
    const worker = aWorker(roster);
    const young = anAttempt(roster, worker, { tokenExpiresAtMs: 900 });
    const old = anAttempt(roster, worker, { tokenExpiresAtMs: 400 });
    const due = tokensToRefresh(worker, { nowMs: 0, tokenLifeMs: 1_000 });
    expect(due).toEqual([old]);
    expect(due).not.toContain(young);
  });
});

describe('silence', () => {
  test('loses a worker at the end of its TTL and not before', () => {
    const roster = createRoster();
    const worker = aWorker(roster);
    const look = (monotonicMs: number) => findOverdue(roster, { monotonicMs, leaseTtlMs });
    expect(look(leaseTtlMs - 1).silentWorkers).toEqual([]);
    expect(look(leaseTtlMs).silentWorkers).toEqual([worker]);
  });

  test('of this very process is not held against workers', () => {
    const roster = createRoster();
    anAttempt(roster, aWorker(roster), { phase: 'leased', startByMs: 5_000 });
    forgiveGap(roster, 60_000);
    expect(findOverdue(roster, { monotonicMs: 60_000 + 4_999, leaseTtlMs })).toEqual({
      silentWorkers: [],
      lateStarts: [],
      forgotten: [],
    });
  });

  test('about one attempt loses it, once its worker has spoken without it for the TTL', () => {
    const roster = createRoster();
    const worker = aWorker(roster, { slots: 2 });
    const listed = anAttempt(roster, worker);
    const unlisted = anAttempt(roster, worker);
    worker.heardMonotonicMs = leaseTtlMs;
    list(worker, [listed.attemptId], { monotonicMs: leaseTtlMs });
    const overdue = findOverdue(roster, { monotonicMs: leaseTtlMs, leaseTtlMs });
    expect(overdue).toMatchObject({ silentWorkers: [], forgotten: [unlisted] });
  });

  test('about a lease gives it back when its time to start is over', () => {
    const roster = createRoster();
    const worker = aWorker(roster, { slots: 2 });
    const late = anAttempt(roster, worker, { phase: 'leased', startByMs: 5_000 });
    const started = anAttempt(roster, worker, { phase: 'leased', startByMs: 5_000 });
    accept(worker, [started.attemptId], 4_000);
    expect(findOverdue(roster, { monotonicMs: 5_000, leaseTtlMs }).lateStarts).toEqual([late]);
  });
});

describe('a worker that returns', () => {
  const returning = () => {
    const roster = createRoster();
    const previous = aWorker(roster, { slots: 9 });
    const profile = { ...previous, labels: {} };
    return { roster, previous, worker: newWorker(profile, { nowMs: 0, monotonicMs: 0 }) };
  };

  test('keeps what it lists, loses what has ended, and asks about what is unknown', () => {
    const { roster, previous, worker } = returning();
    const kept = anAttempt(roster, previous);
    const ended = anAttempt(roster, previous);
    release(roster, ended);
    const unknown = { ...kept, attemptId: 'unknown' };
    const claimed = { held: [kept, ended, unknown], reportedIds: new Set<string>() };
    const resumption = resume(roster, worker, previous, claimed);
    expect(resumption).toMatchObject({ kept: [kept], lostIds: [ended.attemptId] });
    expect(resumption.unknown).toEqual([unknown]);
    expect([...worker.held.keys()]).toEqual([kept.attemptId]);
  });

  test('has lost what it neither holds nor reports; what it never started costs no try', () => {
    const { roster, previous, worker } = returning();
    const vanished = anAttempt(roster, previous);
    const unstarted = anAttempt(roster, previous, { phase: 'leased' });
    const reported = anAttempt(roster, previous);
    const claimed = { held: [], reportedIds: new Set([reported.attemptId]) };
    const resumption = resume(roster, worker, previous, claimed);
    expect(resumption.vanished).toEqual([vanished]);
    expect(resumption.unstarted).toEqual([unstarted]);
  });

  test('still waits for the answers that it waited for before', () => {
    const { roster, previous, worker } = returning();
    const reported = anAttempt(roster, previous);
    release(roster, reported);
    roster.workers.set(worker.workerId, worker);
    resume(roster, worker, previous, { held: [], reportedIds: new Set() });
    expect([...worker.unanswered]).toEqual([reported.attemptId]);
    forget(roster, reported);
    expect(worker.unanswered.size).toBe(0);
  });

  test('cannot take what another worker holds', () => {
    const { roster, previous, worker } = returning();
    const foreign = anAttempt(roster, aWorker(roster, { workerId: 'other' }));
    const claimed = { held: [foreign], reportedIds: new Set<string>() };
    const resumption = resume(roster, worker, previous, claimed);
    expect(resumption.lostIds).toEqual([foreign.attemptId]);
    expect(worker.held.size).toBe(0);
  });
});

describe('a renewal', () => {
  test('tells every scheduler of its own attempts, with how long each worker is silent', () => {
    const roster = createRoster();
    const worker = aWorker(roster, { slots: 9 });
    const [a, b, orphan] = [0, 1, 2].map((partition) => anAttempt(roster, worker, { partition }));
    const owners = ['scheduler-a', 'scheduler-b'];
    const renewals = planRenewals(roster, {
      monotonicMs: 700,
      ownerOf: (partition) => owners[partition],
      ending: [],
    });
    const holding = (attemptId = '') => ({
      workerId: 'worker-1',
      attemptIds: [attemptId],
      heardAgoMs: 700,
    });
    expect(renewals).toEqual([
      { schedulerId: 'scheduler-a', workers: [holding(a?.attemptId)] },
      { schedulerId: 'scheduler-b', workers: [holding(b?.attemptId)] },
    ]);
    expect(JSON.stringify(renewals)).not.toContain(JSON.stringify(orphan?.attemptId));
  });

  test('keeps attempts alive whose outcome waits here, however silent their worker is', () => {
    const roster = createRoster();
    const worker = aWorker(roster);
    const attempt = anAttempt(roster, worker);
    release(roster, attempt);
    const renewals = planRenewals(roster, {
      monotonicMs: 14_000,
      ownerOf: () => 'scheduler-a',
      ending: [attempt],
    });
    expect(renewals[0]?.workers).toEqual([
      { workerId: 'worker-1', attemptIds: [attempt.attemptId], heardAgoMs: 0 },
    ]);
  });

  test('is cut so that every message keeps its limits, and nothing is left out', () => {
    const roster = createRoster();
    const worker = aWorker(roster, { slots: 25_000 });
    for (let index = 0; index < 25_000; index += 1) anAttempt(roster, worker);
    const renewals = planRenewals(roster, {
      monotonicMs: 0,
      ownerOf: () => 'scheduler-a',
      ending: [],
    });
    const sizes = renewals.map(({ workers }) =>
      workers.reduce((sum, { attemptIds }) => sum + attemptIds.length, 0),
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(RENEWAL_ATTEMPTS_MAX);
    const ids = renewals.flatMap(({ workers }) => workers.flatMap(({ attemptIds }) => attemptIds));
    expect(new Set(ids).size).toBe(25_000);
    expect(ids).toHaveLength(25_000);
  });
});

test('an attempt is forgotten once, and only if it is still the one on the roster', () => {
  const roster = createRoster();
  const worker = aWorker(roster);
  const attempt = anAttempt(roster, worker);
  expect(forget(roster, { ...attempt })).toBe(false);
  expect(forget(roster, attempt)).toBe(true);
  expect(forget(roster, attempt)).toBe(false);
  expect(worker.held.size).toBe(0);
});
