// The ends of attempts: what workers report, what the mesh decides, what schedulers have taken away, and cancels.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { AttemptReport } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import {
  type AttemptResultSchema,
  AttemptStatus,
} from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import type { Links, ResultInit } from '../backends/link.ts';
import { judgeReport, limitFailure, meshOutcome, type OutcomeInit } from '../core/report.ts';
import {
  type AttemptEntry,
  type AttemptName,
  type CancelOrder,
  forget,
  release,
  revoke,
  type Roster,
  wasSent,
} from '../core/roster.ts';
import type { ExecutorEvents } from '../events.ts';
import type { Reporter } from './reporter.ts';
import type { Tokens } from './tokens.ts';

/** Ends attempts. */
export type Endings = {
  /** A worker reports; `answer` is called once, after the commit. A token that is not its own is answered STALE at once. */
  finish(workerId: string, report: AttemptReport, answer: (result: ResultInit) => void): void;
  /** The mesh gives the attempt up: its worker never began it (costs no try), or is gone. */
  giveUp(attempt: AttemptEntry, why: GivenUp): void;
  /** The attempt breaks a limit before it can begin. */
  failByLimit(attempt: AttemptEntry, sentence: string): void;
  /** A scheduler says that these are not live any more: their workers are told to end them. */
  takeAway(attemptIds: readonly string[]): void;
  /** Tells the workers that hold these to end them; answers how many are held here. */
  cancel(attemptIds: readonly string[], order: CancelOrder): number;
};

/** Why the mesh gives an attempt up. */
export type GivenUp = { readonly kind: 'rejected' | 'lost'; readonly reason: string };

/** What the endings work with. */
export type EndingsOptions = {
  readonly roster: Roster;
  readonly links: Links;
  readonly tokens: Tokens;
  readonly reporter: Pick<Reporter, 'submit'>;
  readonly events: ExecutorEvents;
  /** Called when an attempt is not live here any more; `logSize` is what its worker said of its log. */
  readonly onEnded: (attempt: AttemptEntry, logSize: number) => void;
};

/** The one place where attempts end. */
export function createEndings(options: EndingsOptions): Endings {
  const { roster, links, tokens, reporter, events } = options;

  const end = (attempt: AttemptEntry, logSize = 0) => {
    if (forget(roster, attempt)) options.onEnded(attempt, logSize);
  };
  const endByMesh = (attempt: AttemptEntry, outcome: OutcomeInit) => {
    if (wasSent(attempt)) {
      revoke(roster, attempt);
      links.get(attempt.workerId)?.lose([attempt.attemptId]);
    } else {
      release(roster, attempt);
    }
    reporter.submit({
      ...nameOf(attempt),
      workerId: attempt.workerId,
      outcome,
      origin: 'mesh',
      answer: () => end(attempt),
    });
  };

  return {
    finish: (workerId, report, answer) => {
      const claims = tokens.read(report.attemptToken);
      if (claims === undefined) {
        const attemptId = tokens.readEnded(report.attemptToken)?.attemptId ?? '';
        return answer({ attemptId, status: AttemptStatus.STALE });
      }
      const { attemptId } = claims;
      const attempt = roster.attempts.get(attemptId);
      // Whatever the verdict, the worker has let go of it.
      roster.workers.get(workerId)?.leaving.delete(attemptId);
      if (attempt !== undefined && attempt.workerId !== workerId) {
        return answer({ attemptId, status: AttemptStatus.STALE });
      }
      if (attempt !== undefined) release(roster, attempt);
      const { outcome, refused } = judgeReport(claims, report);
      const isTaken = reporter.submit({
        ...nameOf(claims),
        workerId,
        outcome,
        origin: 'worker',
        answer: (result) => {
          if (attempt !== undefined) end(attempt, Number(report.logSize));
          answer(refused === undefined ? result : refusal(result, refused));
        },
      });
      if (!isTaken) answer({ attemptId, status: AttemptStatus.STALE });
    },
    giveUp: (attempt, { kind, reason }) => {
      events.gaveUp(attempt, { kind, reason });
      const how = kind === 'lost' ? AttemptEnd.LOST : AttemptEnd.REJECTED;
      endByMesh(attempt, meshOutcome(attempt, how, reason));
    },
    failByLimit: (attempt, sentence) => endByMesh(attempt, limitFailure(attempt, sentence)),
    takeAway: (attemptIds) => {
      const byWorker = new Map<string, string[]>();
      for (const attemptId of attemptIds) {
        const attempt = roster.attempts.get(attemptId);
        // One that is ending is lost to its own report as well; that answer counts.
        if (attempt === undefined || attempt.phase === 'ending') continue;
        revoke(roster, attempt);
        end(attempt);
        byWorker.set(attempt.workerId, [...(byWorker.get(attempt.workerId) ?? []), attemptId]);
      }
      for (const [workerId, lostIds] of byWorker) {
        events.takenAway(workerId, lostIds);
        links.get(workerId)?.lose(lostIds);
      }
    },
    cancel: (attemptIds, order) => {
      const byWorker = new Map<string, string[]>();
      let toldCount = 0;
      for (const attemptId of attemptIds) {
        const attempt = roster.attempts.get(attemptId);
        if (attempt === undefined || attempt.phase === 'ending') continue;
        toldCount += 1;
        // Said once: schedulers repeat a cancel until the attempt has ended.
        if (attempt.cancel?.mode === order.mode) continue;
        attempt.cancel = order;
        byWorker.set(attempt.workerId, [...(byWorker.get(attempt.workerId) ?? []), attemptId]);
      }
      for (const [workerId, ids] of byWorker) {
        events.cancelling(workerId, ids, order);
        links.get(workerId)?.cancel(ids, order);
      }
      return toldCount;
    },
  };
}

function nameOf({ attemptId, epoch, partition, dagRunId }: AttemptName): AttemptName {
  return { attemptId, epoch, partition, dagRunId };
}

/** What the worker learns when its report was recorded as a failure for a broken rule. */
function refusal(
  result: ResultInit,
  sentence: string,
): MessageInitShape<typeof AttemptResultSchema> {
  if (result.status !== AttemptStatus.RECORDED) return result;
  return { attemptId: result.attemptId ?? '', status: AttemptStatus.REFUSED, reason: sentence };
}
