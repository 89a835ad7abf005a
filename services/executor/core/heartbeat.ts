// What a heartbeat means: which attempts the worker still has, and which of those it lists are no longer its own.
import type { AttemptEntry, Roster, WorkerEntry } from './roster.ts';

/** Notes that the worker was heard. */
export function hear(
  worker: WorkerEntry,
  now: { readonly nowMs: number; readonly monotonicMs: number },
): void {
  worker.heardAtMs = now.nowMs;
  worker.heardMonotonicMs = now.monotonicMs;
}

/** The worker says that it started these attempts; those that are not its own are passed over. */
export function accept(
  worker: WorkerEntry,
  attemptIds: readonly string[],
  monotonicMs: number,
): void {
  for (const attemptId of attemptIds) {
    const attempt = worker.held.get(attemptId);
    if (attempt !== undefined) markListed(attempt, monotonicMs);
  }
}

/**
 * The worker lists every attempt it works on. Answers the ids that are not its own (any more). A slot that a lost attempt
 * still took is free as soon as the attempt is missing from the list.
 */
export function listAttempts(
  roster: Roster,
  worker: WorkerEntry,
  attemptIds: readonly string[],
  monotonicMs: number,
): string[] {
  worker.listedMonotonicMs = monotonicMs;
  const listed = new Set(attemptIds);
  const lost = attemptIds.filter((attemptId) => {
    const attempt = worker.held.get(attemptId);
    if (attempt !== undefined) markListed(attempt, monotonicMs);
    return attempt === undefined && !isOwnEnd(roster, worker, attemptId);
  });
  for (const attemptId of worker.leaving) {
    if (!listed.has(attemptId)) worker.leaving.delete(attemptId);
  }
  return lost;
}

/** Attempts whose token has less than half of its life left. */
export function tokensToRefresh(
  worker: WorkerEntry,
  options: { readonly nowMs: number; readonly tokenLifeMs: number },
): AttemptEntry[] {
  const dueMs = options.nowMs + options.tokenLifeMs / 2;
  return [...worker.held.values()].filter((attempt) => attempt.tokenExpiresAtMs < dueMs);
}

function markListed(attempt: AttemptEntry, monotonicMs: number): void {
  attempt.listedMonotonicMs = monotonicMs;
  if (attempt.phase === 'leased') attempt.phase = 'running';
}

/** The worker reported this attempt itself and waits for the answer; the heartbeat was only older than the report. */
function isOwnEnd(roster: Roster, worker: WorkerEntry, attemptId: string): boolean {
  if (worker.leaving.has(attemptId)) return false;
  return roster.attempts.get(attemptId)?.workerId === worker.workerId;
}
