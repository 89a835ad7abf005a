// What time alone decides: workers silent for too long, leases not started in time, attempts a
// worker has forgotten.
import type { AttemptEntry, Roster, WorkerEntry } from './roster.ts';

/** What one look over the roster found. */
export type Overdue = {
  /** Workers not heard for the whole TTL. */
  readonly silentWorkers: readonly WorkerEntry[];
  /** Leases whose worker did not start them within their time. */
  readonly lateStarts: readonly AttemptEntry[];
  /** Attempts that a living worker has not listed for the whole TTL. */
  readonly forgotten: readonly AttemptEntry[];
};

/** Looks for what is overdue at `monotonicMs`. */
export function findOverdue(
  roster: Roster,
  options: { readonly monotonicMs: number; readonly leaseTtlMs: number },
): Overdue {
  const { monotonicMs, leaseTtlMs } = options;
  const silentWorkers: WorkerEntry[] = [];
  const lateStarts: AttemptEntry[] = [];
  const forgotten: AttemptEntry[] = [];
  for (const worker of roster.workers.values()) {
    if (monotonicMs - worker.heardMonotonicMs >= leaseTtlMs) {
      silentWorkers.push(worker);
      continue;
    }
    for (const attempt of worker.held.values()) {
      if (attempt.phase === 'leased' && monotonicMs >= attempt.startByMs) lateStarts.push(attempt);
      // Compared with the worker's own last list, so that a worker that cannot speak is not blamed
      // here.
      const unlistedMs = worker.listedMonotonicMs - attempt.listedMonotonicMs;
      if (attempt.phase === 'running' && unlistedMs >= leaseTtlMs) forgotten.push(attempt);
    }
  }
  return { silentWorkers, lateStarts, forgotten };
}

/**
 * This process stood still for `gapMs` (stopped, swapped out, a long pause): nobody could be heard
 * meanwhile, so silence is judged from the end of the gap.
 */
export function forgiveGap(roster: Roster, gapMs: number): void {
  for (const worker of roster.workers.values()) {
    worker.heardMonotonicMs += gapMs;
    worker.listedMonotonicMs += gapMs;
    for (const attempt of worker.held.values()) {
      attempt.listedMonotonicMs += gapMs;
      attempt.startByMs += gapMs;
    }
  }
}
