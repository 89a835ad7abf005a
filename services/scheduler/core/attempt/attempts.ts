// Attempts: how they end, and what their end means for the instance.
//
// An attempt is RUNNING until its outcome is recorded, its lease ends, or somebody takes it away.
// An outcome for one that is no longer live changes nothing.
import { RetryAction } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { CancelMode } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import { advance, finish } from '../advance.ts';
import type { Deciding } from '../deciding.ts';
import type { RetryReason } from '../graph/task.ts';
import { moveTo, offerAgain, schedule, settle } from '../transition.ts';
import type { Attempt, AttemptFailure, Cancel } from './attempt.ts';
import { putOnAgenda } from '../agenda.ts';
import type { ChangeSet } from '../change-set.ts';
import { failFast } from '../run/fail-fast.ts';
import type { Instance } from '../instance.ts';
import { forgetBegin } from '../limit/key-limits.ts';
import { mayBegin } from '../limit/limit.ts';
import { retryDelayMs } from './retry-delay.ts';
import { goOnIfMet, restart } from '../operation/start-over.ts';
import { TaskAttemptState, TaskInstanceState } from '../state.ts';

/** Worker deaths after which an instance is thought to cause them. */
const LOSSES_MAX = 3;
/** Rejections in a row after which an instance waits a little between them. */
const REJECTIONS_FREE = 10;
const REJECTION_WAIT_MS = 5_000;

/**
 * A worker is gone: its attempt is lost, and the instance is tried again unless it kills its
 * workers.
 */
export function loseAttempt(deciding: Deciding, attempt: Attempt, reason: string): void {
  const { instance } = attempt;
  endAttempt(deciding, attempt, { state: TaskAttemptState.LOST, error: failure(reason) });
  if (instance.state === TaskInstanceState.RESTARTING) return restart(deciding, instance);
  instance.lossesCount += 1;
  if (instance.lossesCount >= LOSSES_MAX) {
    const words = `poison: ${LOSSES_MAX} workers were lost while running it`;
    return failFinally(deciding, instance, words);
  }
  const rule = ruleFor(instance, 'lost', []);
  if (rule?.action === RetryAction.FAIL) {
    return failFinally(deciding, instance, rule.note || 'its worker was lost');
  }
  // The loss is not the task's fault: it costs none of its tries, and it is offered again at once
  // unless what is above it was cleared meanwhile.
  // One that waited goes on from there again, as the same try.
  if (instance.wait === undefined) instance.triesMax += 1;
  goOnIfMet(deciding, instance);
}

/** How a try failed. */
export type Failed = {
  readonly error: AttemptFailure;
  /** A kind of failure as retry rules name it, e.g. `timeout`. */
  readonly reason?: string;
  readonly isFinal?: boolean;
  readonly retryDelayMs?: number | undefined;
};

/**
 * The attempt failed: a retry if the policy has one left, else the instance has failed. That a
 * sensor overstayed which fails softly is a skip, whoever ended it: its own code may be beyond
 * saying so.
 */
export function failAttempt(deciding: Deciding, attempt: Attempt, failed: Failed): void {
  const { instance } = attempt;
  endAttempt(deciding, attempt, { state: TaskAttemptState.FAILED, error: failed.error });
  instance.rejectionsCount = 0;
  if (instance.state === TaskInstanceState.RESTARTING) return restart(deciding, instance);
  if (failed.reason === 'timeout' && instance.task.isSoftFail) {
    return finish(deciding, instance, TaskInstanceState.SKIPPED, failed.error.message);
  }
  failTry(deciding, instance, failed);
}

/** A try failed, on a worker or while it waited: another one if one is left. */
export function failTry(deciding: Deciding, instance: Instance, failed: Failed): void {
  const { run, task } = instance;
  const { errorClass, ancestors = [] } = failed.error;
  const rule = ruleFor(instance, failed.reason ?? '', [errorClass, ...ancestors]);
  const isFinal = failed.isFinal || rule?.action === RetryAction.FAIL;
  if (isFinal || instance.tryNumber > instance.triesMax) {
    return failFinally(deciding, instance, rule?.note ?? '', failed.error);
  }
  // A sensor's time counts over all tries of its run.
  instance.waitingSinceMs ??= instance.startMs;
  const waitMs =
    failed.retryDelayMs ??
    fromDuration(rule?.delay) ??
    retryDelayMs(task.retry, {
      dagId: run.dag.dagId,
      taskId: task.taskId,
      logicalDateMs: run.logicalDateMs,
      tryNumber: instance.tryNumber,
    });
  waitForRetry(deciding, instance, waitMs);
  instance.wait = undefined;
  deciding.onInstanceEnd(instance, failed.error);
}

/** No try is left: the instance has failed, and in a DAG that fails fast the run with it. */
export function failFinally(
  deciding: Deciding,
  instance: Instance,
  reason: string,
  error: AttemptFailure = failure(reason),
): void {
  const { run, task } = instance;
  const isFast = run.version.failFast && !task.isTeardown;
  const others = isFast ? failFast(deciding, instance) : [];
  const own = settle(deciding, instance, TaskInstanceState.FAILED, reason);
  deciding.onInstanceEnd(instance, error);
  advance(deciding, run, [...others, ...own]);
}

/** The first rule of the task's retry policy that fits a failure by its kind and its classes. */
function ruleFor(
  { task }: Instance,
  reason: string,
  classes: readonly string[],
): RetryReason | undefined {
  const names = new Set(classes.flatMap((name) => [name, name.slice(name.lastIndexOf('.') + 1)]));
  return task.retryRules.find(({ reasons, errorClasses }) => {
    if (reasons.length > 0 && !reasons.includes(reason)) return false;
    return errorClasses.length === 0 || errorClasses.some((name) => names.has(name));
  });
}

/** A lease that nobody got: the instance is offered again as if it had not been leased. */
export function giveBack(deciding: Deciding, attempt: Attempt, reason: string): void {
  const { instance } = attempt;
  endAttempt(deciding, attempt, { state: TaskAttemptState.REJECTED, error: failure(reason) });
  if (!attempt.isResumed) instance.tryNumber -= 1;
  forgetBegin(attempt);
  if (instance.state === TaskInstanceState.RESTARTING) restart(deciding, instance);
  else if (!mayBegin(instance.lane)) schedule(deciding, instance);
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
  // A worker lived to tell: losses before and after are not in a row.
  if (end.state !== TaskAttemptState.LOST && end.state !== TaskAttemptState.REJECTED) {
    attempt.instance.lossesCount = 0;
  }
  picture.attempts.delete(attempt.attemptId);
  picture.endedAttempts.set(attempt.attemptId, end.state);
  changes.attempts.add(attempt);
}

/**
 * Takes an instance away from the worker that has it, which is told once this is committed. False
 * when none has it.
 */
export function cancelAttempt(deciding: Deciding, { attempt }: Instance, reason: string): boolean {
  if (attempt === undefined) return false;
  requestCancel(deciding.changes, attempt, { mode: CancelMode.GRACEFUL, reason });
  endAttempt(deciding, attempt, { state: TaskAttemptState.CANCELLED });
  return true;
}

/** Has the worker of an attempt told to end it, once this is committed. */
export function requestCancel(changes: ChangeSet, attempt: Attempt, cancel: Cancel): void {
  attempt.cancel = cancel;
  changes.cancels.add(attempt);
}

/**
 * The worker never began it: it keeps its slots and is offered again, at once unless that happens
 * over and over.
 */
export function reject(deciding: Deciding, attempt: Attempt, reason: string): void {
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
  putOnAgenda(picture.agenda, instance.nextTryMs, { kind: 'retry', instance }, instance);
  changes.instances.add(instance);
}

/** A failure in words. */
export function failure(message: string): AttemptFailure {
  return { errorClass: '', message, stack: '' };
}
