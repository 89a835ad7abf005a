// What is still to be done in the ledger before a report can be recorded: rare, and never given up
// while the ledger may come back.
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { messageOf, reasonOf } from '#kernel/errors/errors.ts';
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

type ErrandLedger = Pick<Client<typeof LedgerService>, 'getAttempt' | 'pushXCom' | 'readXComs'>;

/** Runs errands. */
export type Errands = {
  /**
   * The outcome with what the errand brought. Waits as long as the ledger is away; rejects only
   * when the signal aborts.
   */
  run(
    attempt: ErrandAttempt,
    outcome: OutcomeInit,
    errand: Errand,
    signal: AbortSignal,
  ): Promise<OutcomeInit>;
};

/** Deadline of one call. */
const CALL_TIMEOUT_MS = 5_000;

/** Longest pause between two tries. */
const PAUSE_MAX_MS = 1_000;

/** Errands of one executor. */
export function createErrands(options: {
  readonly ledger: ErrandLedger;
  readonly clock: Clock;
  readonly events: ExecutorEvents;
}): Errands {
  const { ledger, clock, events } = options;
  return {
    run: async (attempt, outcome, errand, signal) => {
      const once = () => runOnce(ledger, attempt, { outcome, errand, signal });
      const patience = { deadlineMs: Number.POSITIVE_INFINITY, maxMs: PAUSE_MAX_MS };
      try {
        return await retrying(once, { clock, signal, ...patience });
      } catch (error) {
        if (signal.aborted) throw error;
        events.errandFailed(attempt, errand.kind, error);
        // An attempt that is not live is for its scheduler to refuse.
        if (errand.kind === 'length' || isGone(error)) return outcome;
        return limitFailure(attempt, `what it pushed could not be stored: ${messageOf(error)}`);
      }
    },
  };
}

/** Once; a push that is repeated stores the same again. */
async function runOnce(
  ledger: ErrandLedger,
  attempt: ErrandAttempt,
  on: { readonly outcome: OutcomeInit; readonly errand: Errand; readonly signal: AbortSignal },
): Promise<OutcomeInit> {
  const { outcome, errand, signal } = on;
  const call = { signal, timeoutMs: CALL_TIMEOUT_MS };
  if (errand.kind === 'push') {
    await ledger.pushXCom({ attemptId: attempt.attemptId, xcoms: [...errand.xcoms] }, call);
    return outcome;
  }
  const { attemptId, dagRunId } = attempt;
  const place = attempt.place ?? (await ledger.getAttempt({ attemptId }, call)).taskInstance;
  if (place === undefined) return outcome;
  const { taskId, mapIndex } = place;
  const asked = { kind: 'value' as const, dagRunId, taskId, mapIndex, key: RETURN_VALUE };
  const question = { addresses: [addressOf(asked)], ownAttemptId: attemptId };
  const [result] = (await ledger.readXComs(question, call)).xcoms;
  return result === undefined ? outcome : countedOutcome(outcome, result.valueJson);
}

function isGone(error: unknown): boolean {
  const reason = reasonOf(error);
  return reason === 'stale_attempt' || reason === 'attempt_not_found';
}
