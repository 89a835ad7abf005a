// What is still to be done in the ledger before a report can be recorded: rare, and never given up
// while the ledger may come back.
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { isRetryable, messageOf, reasonOf } from '#kernel/errors/errors.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { retrying } from '#kernel/rpc/retry.ts';
import type { OutcomeInit } from '../core/outcome.ts';
import { countedOutcome, type Errand, limitFailure } from '../core/report.ts';
import type { AttemptName, AttemptPlace } from '../core/roster.ts';
import { addressOf, RETURN_VALUE } from '../core/xcom-values.ts';
import type { ExecutorEvents } from '../events.ts';

/** An attempt whose report has an errand. */
export type ErrandAttempt = AttemptName & {
  /** Undefined when it came from another executor and nobody has asked yet. */
  readonly place: AttemptPlace | undefined;
};

/** Runs errands. */
export type Errands = {
  /**
   * The outcome with what the errand brought. Waits as long as the ledger is away; rejects only
   * when the executor stops.
   */
  run(attempt: ErrandAttempt, outcome: OutcomeInit, errand: Errand): Promise<OutcomeInit>;
};

/** Deadline of one call. */
const CALL_TIMEOUT_MS = 5_000;

/** Longest pause between two tries. */
const PAUSE_MAX_MS = 1_000;

/** Errands of one executor. */
export function createErrands(options: {
  readonly ledger: Pick<Client<typeof LedgerService>, 'getAttempt' | 'pushXCom' | 'readXComs'>;
  readonly clock: Clock;
  readonly events: ExecutorEvents;
  /** Aborts when the executor stops. */
  readonly signal: AbortSignal;
}): Errands {
  const { ledger, clock, events, signal } = options;
  const call = { signal, timeoutMs: CALL_TIMEOUT_MS };

  const resultOf = async (attempt: ErrandAttempt): Promise<string | undefined> => {
    const { attemptId, dagRunId } = attempt;
    const place = attempt.place ?? (await ledger.getAttempt({ attemptId }, call)).taskInstance;
    if (place === undefined) return undefined;
    const { taskId, mapIndex } = place;
    const asked = { kind: 'value' as const, dagRunId, taskId, mapIndex, key: RETURN_VALUE };
    const question = { addresses: [addressOf(asked)], ownAttemptId: attemptId };
    const { xcoms } = await ledger.readXComs(question, call);
    return xcoms[0]?.valueJson;
  };
  const once = async (attempt: ErrandAttempt, outcome: OutcomeInit, errand: Errand) => {
    if (errand.kind === 'push') {
      await ledger.pushXCom({ attemptId: attempt.attemptId, xcoms: [...errand.xcoms] }, call);
      return outcome;
    }
    const resultJson = await resultOf(attempt);
    return resultJson === undefined ? outcome : countedOutcome(outcome, resultJson);
  };

  return {
    run: async (attempt, outcome, errand) => {
      try {
        return await retrying(() => once(attempt, outcome, errand), {
          clock,
          signal,
          deadlineMs: Number.POSITIVE_INFINITY,
          maxMs: PAUSE_MAX_MS,
        });
      } catch (error) {
        if (signal.aborted || isRetryable(error)) throw error;
        events.errandFailed(attempt, errand.kind, error);
        // An attempt that is not live is for its scheduler to refuse.
        if (errand.kind === 'length' || isGone(error)) return outcome;
        return limitFailure(attempt, `what it pushed could not be stored: ${messageOf(error)}`);
      }
    },
  };
}

function isGone(error: unknown): boolean {
  const reason = reasonOf(error);
  return reason === 'stale_attempt' || reason === 'attempt_not_found';
}
