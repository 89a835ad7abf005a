// What time alone brings about: leases that ended, attempts that overstayed, and what the agenda
// has for now.
import { CancelMode } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { advance } from './advance.ts';
import type { Attempt } from './attempt/attempt.ts';
import type { WorkerLease } from './attempt/offer.ts';
import type { Deciding } from './deciding.ts';
import type { Moment, Picture } from './picture.ts';
import type { Run } from './run/run.ts';
import { takeDue } from './agenda.ts';
import { isFull } from './change-set.ts';
import { missDeadline } from './alert/deadlines.ts';
import { missDueSla } from './alert/sla.ts';
import { endWait } from './wait/wait-end.ts';
import { makePage } from './mapping/expand.ts';
import { failAttempt, loseAttempt, requestCancel } from './attempt/attempts.ts';
import { keepKey } from './limit/key-limits.ts';
import { startRuns, timeOutRun } from './run/runs.ts';
import { createDueRuns } from './schedule/schedule.ts';
import { advanceBackfills } from './operation/backfills.ts';
import { goOnIfMet } from './operation/start-over.ts';
import { DagRunState, isRunFinished, TaskInstanceState } from './state.ts';
import { noteAlive } from './attempt/worker-register.ts';

/** Ends attempts whose lease or timeout is over. */
export function sweepAttempts(deciding: Deciding, moment: Moment): void {
  for (const attempt of deciding.picture.attempts.values()) {
    if (attempt.leaseUntilMs < moment.monotonicMs) {
      loseAttempt(deciding, attempt, `worker ${attempt.workerId} was not heard from in time`);
    } else if (attempt.timeoutAtMs < moment.monotonicMs) {
      overstay(deciding, attempt);
    }
  }
}

/** Gives every lease its full length again: after we, not the workers, were away. */
export function extendLeases(picture: Picture, monotonicMs: number): void {
  const untilMs = monotonicMs + picture.timing.leaseTtlMs;
  for (const attempt of picture.attempts.values()) {
    if (Number.isFinite(attempt.leaseUntilMs)) attempt.leaseUntilMs = untilMs;
  }
}

/**
 * A worker lives: its attempts keep their leases. Answers the ids that are not its own (any more),
 * and what must end.
 */
export function renewLeases(
  picture: Picture,
  worker: WorkerLease,
  monotonicMs: number,
): { readonly lost: readonly string[]; readonly cancels: readonly Attempt[] } {
  noteAlive(picture.workers, worker.workerId, monotonicMs);
  const untilMs = monotonicMs - worker.heardAgoMs + picture.timing.leaseTtlMs;
  const lost: string[] = [];
  const cancels: Attempt[] = [];
  for (const attemptId of worker.attemptIds) {
    const attempt = picture.attempts.get(attemptId);
    if (attempt === undefined || attempt.workerId !== worker.workerId) {
      lost.push(attemptId);
      continue;
    }
    if (attempt.leaseUntilMs < untilMs) attempt.leaseUntilMs = untilMs;
    if (attempt.cancel !== undefined) cancels.push(attempt);
  }
  return { lost, cancels };
}

/**
 * Does what the agenda has for now, at most `limit` items and until the commit is full, so that a
 * flood of them does not block everything else: each page of an expansion brings the next.
 */
export function keepAgenda(deciding: Deciding, moment: Moment, limit: number): void {
  const { agenda } = deciding.picture;
  for (let done = 0; done < limit && !isFull(deciding.changes); done += 1) {
    const subject = takeDue(agenda, moment.nowMs);
    if (subject === undefined) return;
    switch (subject.kind) {
      case 'schedule':
        subject.dag.onAgendaMs = undefined;
        if (subject.dag.isOwned) createDueRuns(deciding, moment, subject.dag);
        break;
      case 'start':
        subject.dag.startOnAgendaMs = undefined;
        if (subject.dag.isOwned) startRuns(deciding, moment, subject.dag);
        break;
      case 'backfill':
        if (subject.dag.isOwned) advanceBackfills(deciding, moment, subject.dag);
        break;
      case 'retry': {
        const { instance } = subject;
        const isDue = (instance.nextTryMs ?? Number.POSITIVE_INFINITY) <= moment.nowMs;
        const isWaiting = instance.state === TaskInstanceState.UP_FOR_RETRY;
        if (instance.run.dag.isOwned && isWaiting && isDue) goOnIfMet(deciding, instance);
        break;
      }
      case 'expand': {
        const { node } = subject;
        if (!node.run.dag.isOwned || isRunFinished(node.run.state)) break;
        advance(deciding, node.run, [makePage(deciding, node)]);
        break;
      }
      case 'deadline':
        missDeadline(deciding, moment, subject);
        break;
      case 'sla':
        missDueSla(deciding, moment, subject);
        break;
      case 'key':
        if (subject.dag.isOwned) keepKey(deciding, subject.dag, subject.key);
        break;
      case 'wait_end':
        endWait(deciding, subject.instance, subject.waitId);
        break;
      case 'run_timeout': {
        const run = subject.dag.isOwned ? subject.dag.runs.get(subject.runId) : undefined;
        if (run !== undefined && isOverdue(run, moment.nowMs)) timeOutRun(deciding, run);
        break;
      }
    }
  }
}

function isOverdue(run: Run, nowMs: number): boolean {
  const { dagrunTimeoutMs } = run.version;
  if (dagrunTimeoutMs === undefined || run.startMs === undefined) return false;
  return run.state === DagRunState.RUNNING && run.startMs + dagrunTimeoutMs <= nowMs;
}

function overstay(deciding: Deciding, attempt: Attempt): void {
  const { executionTimeoutMs = 0 } = attempt.instance.task;
  const message = `timed out: ran longer than its ${executionTimeoutMs / 1000} s`;
  requestCancel(deciding.changes, attempt, { mode: CancelMode.KILL, reason: message });
  const error = { errorClass: 'TaskTimeout', message, stack: '' };
  failAttempt(deciding, attempt, { error, reason: 'timeout' });
}
