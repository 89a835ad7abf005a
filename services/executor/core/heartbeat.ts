// What a heartbeat means: which attempts the worker still has, and which of those it lists are no
// longer its own.
import type { AttemptEntry, WorkerEntry } from './roster.ts';

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
 * The worker lists every attempt it works on. Answers the ids that are not its own (any more). A
 * slot that a lost attempt still took is free as soon as the attempt is missing from the list.
 */
export function listAttempts(
  worker: WorkerEntry,
  attemptIds: readonly string[],
  options: {
    readonly monotonicMs: number;
    /**
     * True while the outcome that the worker reported of an attempt is not answered: the heartbeat
     * is only older.
     */
    readonly isReported: (attemptId: string) => boolean;
  },
): string[] {
  const { monotonicMs, isReported } = options;
  worker.listedMonotonicMs = monotonicMs;
  const listed = new Set(attemptIds);
  const lost = attemptIds.filter((attemptId) => {
    const attempt = worker.held.get(attemptId);
    if (attempt !== undefined) markListed(attempt, monotonicMs);
    const isOwnEnd = isReported(attemptId) && !worker.leaving.has(attemptId);
    return attempt === undefined && !isOwnEnd;
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
