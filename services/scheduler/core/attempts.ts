// Attempts: how they end, and what their end means for the instance.
//
// An attempt is RUNNING until its outcome is recorded, its lease ends, or somebody takes it away.
// An outcome for one that is no longer live changes nothing.
import type { AttemptOutcome } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import { type Deciding, finish, moveTo, offerAgain, schedule } from './advance.ts';
import { putOnAgenda } from './agenda.ts';
import type { ChangeSet } from './change-set.ts';
import type { Attempt, AttemptFailure, Cancel, Instance } from './picture.ts';
import { retryDelayMs } from './retry-delay.ts';
import { TaskAttemptState, TaskInstanceState } from './state.ts';

/** Worker deaths after which an instance is thought to cause them. */
const LOSSES_MAX = 3;
/** Rejections in a row after which an instance waits a little between them. */
const REJECTIONS_FREE = 10;
const REJECTION_WAIT_MS = 5_000;
/** Ends that are remembered, so that a repeated report gets the same answer. */
const ENDED_MAX = 100_000;

/** What a report came to. */
export type Recording = 'recorded' | 'stale' | 'unknown';

/**
 * Records an outcome: `unknown` means that only the ledger can tell whether it was recorded before.
 */
export function recordOutcome(deciding: Deciding, outcome: AttemptOutcome): Recording {
  const { picture } = deciding;
  const attempt = picture.attempts.get(outcome.attemptId);
  if (attempt === undefined) {
    const ended = picture.endedAttempts.get(outcome.attemptId);
    if (ended === undefined) return 'unknown';
    return ended === attemptStateOf(outcome.end) ? 'recorded' : 'stale';
  }
  if (BigInt(attempt.epoch) !== outcome.epoch) return 'stale';
  applyEnd(deciding, attempt, outcome);
  return 'recorded';
}

/**
 * A worker is gone: its attempt is lost, and the instance is tried again unless it kills its
 * workers.
 */
export function loseAttempt(deciding: Deciding, attempt: Attempt, reason: string): void {
  const { instance } = attempt;
  endAttempt(deciding, attempt, { state: TaskAttemptState.LOST, error: failure(reason) });
  if (instance.state === TaskInstanceState.RESTARTING) return schedule(deciding, instance);
  instance.lossesCount += 1;
  if (instance.lossesCount >= LOSSES_MAX) {
    const words = `poison: ${LOSSES_MAX} workers were lost while running it`;
    return finish(deciding, instance, TaskInstanceState.FAILED, words);
  }
  // The loss is not the task's fault: it costs none of its tries, and it is offered again at once.
  instance.triesMax += 1;
  schedule(deciding, instance);
}

/** The attempt failed: a retry if the policy has one left, else the instance has failed. */
export function failAttempt(
  deciding: Deciding,
  attempt: Attempt,
  failed: {
    readonly error: AttemptFailure;
    readonly isFinal?: boolean;
    readonly retryDelayMs?: number | undefined;
  },
): void {
  const { instance } = attempt;
  endAttempt(deciding, attempt, { state: TaskAttemptState.FAILED, error: failed.error });
  instance.rejectionsCount = 0;
  if (instance.state === TaskInstanceState.RESTARTING) return schedule(deciding, instance);
  if (failed.isFinal || instance.tryNumber > instance.triesMax) {
    return finish(deciding, instance, TaskInstanceState.FAILED);
  }
  const { run, task } = instance;
  const waitMs =
    failed.retryDelayMs ??
    retryDelayMs(task.retry, {
      dagId: run.dag.dagId,
      taskId: task.taskId,
      logicalDateMs: run.logicalDateMs,
      tryNumber: instance.tryNumber,
    });
  waitForRetry(deciding, instance, waitMs);
}

/** A lease that nobody got: the instance is offered again as if it had not been leased. */
export function giveBack(deciding: Deciding, attempt: Attempt, reason: string): void {
  const { instance } = attempt;
  endAttempt(deciding, attempt, { state: TaskAttemptState.REJECTED, error: failure(reason) });
  instance.tryNumber -= 1;
  const isHeld = instance.state === TaskInstanceState.RESTARTING || instance.run.dag.isPaused;
  if (isHeld) schedule(deciding, instance);
  else offerAgain(deciding.picture, deciding.changes, instance);
}

/** Takes an attempt out of the living; its instance is left as it is. */
export function endAttempt(
  { picture, changes, nowMs }: Deciding,
  attempt: Attempt,
  end: { readonly state: TaskAttemptState; readonly error?: AttemptFailure },
): void {
  attempt.state = end.state;
  attempt.endMs = nowMs;
  attempt.error = end.error;
  attempt.instance.attempt = undefined;
  picture.attempts.delete(attempt.attemptId);
  picture.endedAttempts.set(attempt.attemptId, end.state);
  if (picture.endedAttempts.size > ENDED_MAX) {
    const [oldest] = picture.endedAttempts.keys();
    if (oldest !== undefined) picture.endedAttempts.delete(oldest);
  }
  changes.attempts.add(attempt);
}

/** Has the worker of an attempt told to end it, once this is committed. */
export function requestCancel(changes: ChangeSet, attempt: Attempt, cancel: Cancel): void {
  attempt.cancel = cancel;
  changes.cancels.add(attempt);
}

/** The state an attempt has after an end. */
export function attemptStateOf(end: AttemptEnd): TaskAttemptState {
  return STATES[end] ?? TaskAttemptState.UNSPECIFIED;
}

const STATES: Readonly<Record<AttemptEnd, TaskAttemptState>> = {
  [AttemptEnd.UNSPECIFIED]: TaskAttemptState.UNSPECIFIED,
  [AttemptEnd.SUCCESS]: TaskAttemptState.SUCCESS,
  [AttemptEnd.FAILED]: TaskAttemptState.FAILED,
  [AttemptEnd.SKIPPED]: TaskAttemptState.SKIPPED,
  [AttemptEnd.REJECTED]: TaskAttemptState.REJECTED,
  [AttemptEnd.CANCELLED]: TaskAttemptState.CANCELLED,
  [AttemptEnd.LOST]: TaskAttemptState.LOST,
};

function applyEnd(deciding: Deciding, attempt: Attempt, outcome: AttemptOutcome): void {
  const { instance } = attempt;
  const isRestarting = instance.state === TaskInstanceState.RESTARTING;
  switch (outcome.end) {
    case AttemptEnd.SUCCESS:
      endAttempt(deciding, attempt, { state: TaskAttemptState.SUCCESS });
      if (isRestarting) return schedule(deciding, instance);
      if (outcome.xcoms.length > 0) deciding.changes.xcoms.set(attempt, outcome.xcoms);
      return finish(deciding, instance, TaskInstanceState.SUCCESS);
    case AttemptEnd.SKIPPED:
      endAttempt(deciding, attempt, { state: TaskAttemptState.SKIPPED });
      if (isRestarting) return schedule(deciding, instance);
      return finish(deciding, instance, TaskInstanceState.SKIPPED, outcome.reason);
    case AttemptEnd.REJECTED:
      return reject(deciding, attempt, outcome.reason);
    case AttemptEnd.LOST:
      return loseAttempt(deciding, attempt, outcome.reason);
    case AttemptEnd.CANCELLED:
      endAttempt(deciding, attempt, {
        state: TaskAttemptState.CANCELLED,
        error: failure(outcome.reason),
      });
      if (isRestarting) return schedule(deciding, instance);
      return finish(deciding, instance, TaskInstanceState.FAILED, outcome.reason);
    default:
      return failAttempt(deciding, attempt, {
        error: {
          errorClass: outcome.error?.errorClass ?? '',
          message: outcome.error?.message ?? outcome.reason,
          stack: outcome.error?.stack ?? '',
        },
        isFinal: outcome.error?.isFinal ?? false,
        retryDelayMs: fromDuration(outcome.error?.retryDelay),
      });
  }
}

/**
 * The worker never began it: it keeps its slots and is offered again, at once unless that happens
 * over and over.
 */
function reject(deciding: Deciding, attempt: Attempt, reason: string): void {
  const { instance } = attempt;
  instance.rejectionsCount += 1;
  giveBack(deciding, attempt, reason);
  const isOffered = instance.state === TaskInstanceState.QUEUED;
  if (!isOffered || instance.rejectionsCount <= REJECTIONS_FREE) return;
  instance.stateReason = `rejected by ${instance.rejectionsCount} workers: ${reason}`;
  waitForRetry(deciding, instance, REJECTION_WAIT_MS);
}

function waitForRetry(deciding: Deciding, instance: Instance, waitMs: number): void {
  const { picture, changes, nowMs } = deciding;
  moveTo(picture, instance, TaskInstanceState.UP_FOR_RETRY);
  instance.endMs = nowMs;
  instance.nextTryMs = nowMs + waitMs;
  putOnAgenda(picture.agenda, instance.nextTryMs, { kind: 'retry', instance });
  changes.instances.add(instance);
}

function failure(message: string): AttemptFailure {
  return { errorClass: '', message, stack: '' };
}
