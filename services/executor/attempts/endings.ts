// The ends of attempts: what workers report, what the mesh decides, what schedulers have taken
// away, and cancels.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { AttemptReport } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import {
  type AttemptResultSchema,
  AttemptStatus,
} from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import type { Links, ResultInit } from '../backends/link.ts';
import type { OutcomeInit } from '../core/outcome.ts';
import { type JudgedReport, judgeReport, limitFailure, meshOutcome } from '../core/report.ts';
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
import type { ErrandAttempt, Errands } from './errands.ts';
import type { Report } from './report.ts';
import type { Reporter } from './reporter.ts';
import type { Tokens } from './tokens.ts';

/** Ends attempts. */
export type Endings = {
  /**
   * A worker reports; `answer` is called once, after the commit. A token that is not its own is
   * answered STALE at once.
   */
  finish(workerId: string, report: AttemptReport, answer: (result: ResultInit) => void): void;
  /** The mesh gives the attempt up: its worker never began it (costs no try), or is gone. */
  giveUp(attempt: AttemptEntry, why: GivenUp): void;
  /** The attempt cannot begin: it breaks a limit, or an argument of it is not there. */
  failUnbegun(attempt: AttemptEntry, why: Unbegun): void;
  /** A scheduler says that these are not live any more: their workers are told to end them. */
  takeAway(attemptIds: readonly string[]): void;
  /** Tells the workers that hold these to end them; answers how many are held here. */
  cancel(attemptIds: readonly string[], order: CancelOrder): number;
};

/** Why the mesh gives an attempt up. */
export type GivenUp = { readonly kind: 'rejected' | 'lost'; readonly reason: string };

/** Why an attempt cannot begin. */
export type Unbegun = {
  /** In the words of the field; `LimitExceeded` unless given. */
  readonly errorClass?: string;
  /** For a person. */
  readonly sentence: string;
};

/** What the endings work with. */
export type EndingsOptions = {
  readonly roster: Roster;
  readonly links: Links;
  readonly tokens: Tokens;
  readonly reporter: Pick<Reporter, 'submit' | 'abandon'>;
  readonly errands: Errands;
  readonly clock: Clock;
  readonly events: ExecutorEvents;
  /**
   * Called when an attempt is not live here any more; `logSize` is what its worker said of its log.
   */
  readonly onEnded: (attempt: AttemptEntry, logSize: number) => void;
};

/** The one place where attempts end. */
export function createEndings(options: EndingsOptions): Endings {
  return {
    finish: (workerId, report, answer) => finish(options, { workerId, report, answer }),
    giveUp: (attempt, why) => {
      options.events.gaveUp(attempt, why);
      const how = why.kind === 'lost' ? AttemptEnd.LOST : AttemptEnd.REJECTED;
      endByMesh(options, attempt, meshOutcome(attempt, how, why.reason));
    },
    failUnbegun: (attempt, { sentence, errorClass }) =>
      endByMesh(options, attempt, limitFailure(attempt, sentence, errorClass)),
    takeAway: (attemptIds) => takeAway(options, attemptIds),
    cancel: (attemptIds, order) => cancel(options, attemptIds, order),
  };
}

function finish(
  options: EndingsOptions,
  said: {
    readonly workerId: string;
    readonly report: AttemptReport;
    readonly answer: (result: ResultInit) => void;
  },
): void {
  const { roster, tokens, reporter, clock } = options;
  const { workerId, report, answer } = said;
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
  const isMappedOver = attempt?.isMappedOver;
  const judged = judgeReport(claims, report, { nowMs: clock.nowMs(), isMappedOver });
  const { outcome, refused } = judged;
  const isTaken = reporter.submit({
    ...nameOf(claims),
    workerId,
    outcome,
    ...completionOf(options, { ...nameOf(claims), place: attempt?.place }, judged),
    origin: 'worker',
    answer: (result) => {
      answer(refused === undefined ? result : refusal(result, refused));
      if (attempt !== undefined) leave(options, attempt, Number(report.logSize));
    },
  });
  if (!isTaken) answer({ attemptId, status: AttemptStatus.STALE });
}

/** How a report with an errand is completed. */
function completionOf(
  { errands }: EndingsOptions,
  attempt: ErrandAttempt,
  { outcome, errand }: JudgedReport,
): Pick<Report, 'complete'> {
  if (errand === undefined) return {};
  return { complete: (signal) => errands.run(attempt, outcome, errand, signal) };
}

function endByMesh(options: EndingsOptions, attempt: AttemptEntry, outcome: OutcomeInit): void {
  const { roster, links, reporter } = options;
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
    answer: () => leave(options, attempt, 0),
  });
}

function takeAway(options: EndingsOptions, attemptIds: readonly string[]): void {
  const { roster, links, events, reporter } = options;
  reporter.abandon(attemptIds);
  for (const [workerId, attempts] of heldByWorker(roster, attemptIds)) {
    for (const attempt of attempts) {
      revoke(roster, attempt);
      leave(options, attempt, 0);
    }
    const lostIds = attempts.map(({ attemptId }) => attemptId);
    events.takenAway(workerId, lostIds);
    links.get(workerId)?.lose(lostIds);
  }
}

function cancel(
  { roster, links, events }: EndingsOptions,
  attemptIds: readonly string[],
  order: CancelOrder,
): number {
  let heldCount = 0;
  for (const [workerId, attempts] of heldByWorker(roster, attemptIds)) {
    heldCount += attempts.length;
    // Said once: schedulers repeat a cancel until the attempt has ended.
    const unaware = attempts.filter(({ cancel: known }) => known?.mode !== order.mode);
    if (unaware.length === 0) continue;
    for (const attempt of unaware) attempt.cancel = order;
    const ids = unaware.map(({ attemptId }) => attemptId);
    events.cancelling(workerId, ids, order);
    links.get(workerId)?.cancel(ids, order);
  }
  return heldCount;
}

/** An attempt that is ending is left to its own report. */
function heldByWorker(roster: Roster, attemptIds: readonly string[]): Map<string, AttemptEntry[]> {
  const held = attemptIds.flatMap((attemptId) => roster.attempts.get(attemptId) ?? []);
  return Map.groupBy(
    held.filter(({ phase }) => phase !== 'ending'),
    ({ workerId }) => workerId,
  );
}

/** The attempt is not live here any more. */
function leave(options: EndingsOptions, attempt: AttemptEntry, logSize: number): void {
  if (forget(options.roster, attempt)) options.onEnded(attempt, logSize);
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
