// What becomes of a worker's attempts when it comes back: kept, lost, or unknown here and to be
// asked for.
import {
  type AttemptEntry,
  type AttemptName,
  hold,
  type Roster,
  type WorkerEntry,
} from './roster.ts';

/** What Hello lists, after its tokens were read. */
export type Claimed = {
  /** Attempts the worker says it works on. */
  readonly held: readonly AttemptName[];
  /** Ids of attempts whose outcome it sends along. */
  readonly reportedIds: ReadonlySet<string>;
};

/** What follows from it. */
export type Resumption = {
  /** Still its own; they take a slot of it again. */
  readonly kept: readonly AttemptEntry[];
  /** No longer its own. */
  readonly lostIds: readonly string[];
  /** Unknown here, because this executor is new to them: their scheduler must say. */
  readonly unknown: readonly AttemptName[];
  /** Sent to it before and never started: to be handed on at once, without costing a try. */
  readonly unstarted: readonly AttemptEntry[];
  /** Started by it before, and now neither held nor reported: lost. */
  readonly vanished: readonly AttemptEntry[];
};

/**
 * Sorts the attempts of a worker that said Hello. `previous` is the entry of its last session here,
 * if there was one; what the worker keeps is moved from there to `worker`.
 */
export function resume(
  roster: Roster,
  worker: WorkerEntry,
  previous: WorkerEntry | undefined,
  claimed: Claimed,
): Resumption {
  const kept: AttemptEntry[] = [];
  const lostIds: string[] = [];
  const unknown: AttemptName[] = [];
  for (const name of claimed.held) {
    const attempt = roster.attempts.get(name.attemptId);
    if (attempt === undefined) unknown.push(name);
    else if (previous?.held.get(name.attemptId) === attempt) kept.push(attempt);
    else lostIds.push(name.attemptId);
  }
  for (const attempt of kept) hold(roster, worker, attempt);
  for (const attemptId of previous?.unanswered ?? []) worker.unanswered.add(attemptId);
  const missing = [...(previous?.held.values() ?? [])].filter(
    ({ attemptId }) => !worker.held.has(attemptId) && !claimed.reportedIds.has(attemptId),
  );
  for (const attemptId of lostIds) worker.leaving.add(attemptId);
  return {
    kept,
    lostIds,
    unknown,
    unstarted: missing.filter(({ phase }) => phase === 'leased'),
    vanished: missing.filter(({ phase }) => phase === 'running'),
  };
}

/** An attempt that came with a worker and that its scheduler did not disown. */
export function adoptedAttempt(
  name: AttemptName,
  worker: WorkerEntry,
  now: { readonly monotonicMs: number; readonly tokenExpiresAtMs: number },
): AttemptEntry {
  return {
    ...name,
    workerId: worker.workerId,
    place: undefined,
    connections: undefined,
    assets: undefined,
    isMappedOver: undefined,
    phase: 'running',
    startByMs: Number.POSITIVE_INFINITY,
    listedMonotonicMs: now.monotonicMs,
    tokenExpiresAtMs: now.tokenExpiresAtMs,
    cancel: undefined,
  };
}
