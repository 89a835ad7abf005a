// Outcomes: what a worker says of its attempt, and what that means for the instance.
import { type AttemptOutcome, AttemptEnd } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fromDuration, fromTimestamp } from '#kernel/clock/timestamp.ts';
import { advance, finish } from '../advance.ts';
import type { Deciding } from '../deciding.ts';
import { conclude, skipTasks } from '../transition.ts';
import type { Attempt } from './attempt.ts';
import { noteOutlets } from '../asset/asset-updates.ts';
import { endAttempt, failAttempt, failFinally, failure, loseAttempt, reject } from './attempts.ts';
import { direct, type Directed } from '../graph/direction.ts';
import { MAPPING_MAX } from '../mapping/expand.ts';
import type { Instance } from '../instance.ts';
import { nameOfFailure, TaskAttemptState, TaskInstanceState } from '../state.ts';
import { restart } from '../operation/start-over.ts';
import { beginWait } from '../wait/waits.ts';

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
  [AttemptEnd.DEFERRED]: TaskAttemptState.WAITING,
  [AttemptEnd.RESCHEDULED]: TaskAttemptState.WAITING,
  [AttemptEnd.AWAITING_INPUT]: TaskAttemptState.WAITING,
};

function applyEnd(deciding: Deciding, attempt: Attempt, outcome: AttemptOutcome): void {
  const { instance } = attempt;
  const isRestarting = instance.state === TaskInstanceState.RESTARTING;
  switch (outcome.end) {
    case AttemptEnd.SUCCESS:
      return succeed(deciding, attempt, outcome);
    case AttemptEnd.SKIPPED:
      endAttempt(deciding, attempt, { state: TaskAttemptState.SKIPPED });
      if (isRestarting) return restart(deciding, instance);
      return finish(deciding, instance, TaskInstanceState.SKIPPED, outcome.reason);
    case AttemptEnd.REJECTED:
      return reject(deciding, attempt, outcome.reason);
    case AttemptEnd.LOST:
      return loseAttempt(deciding, attempt, outcome.reason);
    case AttemptEnd.CANCELLED: {
      const error = failure(outcome.reason);
      endAttempt(deciding, attempt, { state: TaskAttemptState.CANCELLED, error });
      if (isRestarting) return restart(deciding, instance);
      return failFinally(deciding, instance, outcome.reason);
    }
    case AttemptEnd.DEFERRED:
    case AttemptEnd.RESCHEDULED:
    case AttemptEnd.AWAITING_INPUT:
      endAttempt(deciding, attempt, { state: TaskAttemptState.WAITING });
      if (isRestarting) return restart(deciding, instance);
      return wait(deciding, instance, outcome);
    default:
      return failAttempt(deciding, attempt, {
        error: {
          errorClass: outcome.error?.errorClass ?? '',
          ancestors: outcome.error?.errorClassAncestors ?? [],
          message: outcome.error?.message ?? outcome.reason,
          stack: outcome.error?.stack ?? '',
        },
        reason: nameOfFailure(outcome.error?.reason),
        isFinal: outcome.error?.isFinal ?? false,
        retryDelayMs: fromDuration(outcome.error?.retryDelay),
      });
  }
}

/** A success, unless what it returned or decided cannot be. */
function succeed(deciding: Deciding, attempt: Attempt, outcome: AttemptOutcome): void {
  const { instance } = attempt;
  if (instance.state === TaskInstanceState.RESTARTING) {
    endAttempt(deciding, attempt, { state: TaskAttemptState.SUCCESS });
    return restart(deciding, instance);
  }
  const directed = directedBy(instance, outcome);
  const refusal = typeof directed === 'string' ? directed : unmappable(deciding, instance, outcome);
  if (refusal !== undefined || typeof directed === 'string') {
    const error = { errorClass: 'BadResult', message: refusal ?? '', stack: '' };
    return failAttempt(deciding, attempt, { error, reason: 'limit' });
  }
  endAttempt(deciding, attempt, { state: TaskAttemptState.SUCCESS });
  if (outcome.xcoms.length > 0) deciding.changes.xcoms.set(attempt, outcome.xcoms);
  instance.mapLength = outcome.mapLength;
  instance.mapLabel = outcome.mapLabel;
  instance.skipDecision = directed?.decision;
  noteOutlets(deciding, instance, outcome.assetUpdates);
  // The instances of a mapped task decide each for their own counterparts, by the rules.
  const skipped = instance.mapIndex < 0 ? (directed?.skipped ?? []) : [];
  const looks = conclude(deciding, instance, TaskInstanceState.SUCCESS);
  const below = skipTasks(deciding, instance.run, skipped);
  advance(deciding, instance.run, [...looks, ...below]);
}

/** What the task decided; a sentence when it named what there is not. */
function directedBy(instance: Instance, outcome: AttemptOutcome): Directed | string | undefined {
  if (outcome.direction === undefined) return undefined;
  try {
    return direct(instance.run.version, instance.task, outcome.direction);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Why what a task returned cannot be mapped over, when others do. */
function unmappable(
  { picture }: Deciding,
  { task }: Instance,
  { mapLength }: AttemptOutcome,
): string | undefined {
  if (task.sourceFor.length === 0 || task.levels.length > 0) return undefined;
  if (mapLength === undefined) return 'it returned nothing, but another task maps over its result';
  if (mapLength < 0) return 'another task maps over its result, which is not a list or an object';
  const max = picture.timing.mappingMax ?? MAPPING_MAX;
  if (mapLength <= max) return undefined;
  return `another task maps over its result, whose ${mapLength} elements are more than ${max}`;
}

function wait(deciding: Deciding, instance: Instance, outcome: AttemptOutcome): void {
  const { nowMs } = deciding;
  const deadlineMs = instance.deadlineMs ?? Number.POSITIVE_INFINITY;
  switch (outcome.end) {
    case AttemptEnd.DEFERRED: {
      const timeoutMs = fromDuration(outcome.defer?.timeout);
      return beginWait(deciding, instance, {
        state: TaskInstanceState.DEFERRED,
        trigger: outcome.defer?.trigger,
        untilMs: endOf(nowMs + (timeoutMs ?? Number.POSITIVE_INFINITY), deadlineMs),
        method: outcome.defer?.method ?? '',
        stateJson: outcome.defer?.stateJson ?? '',
      });
    }
    case AttemptEnd.RESCHEDULED:
      instance.waitingSinceMs ??= instance.startMs;
      instance.reschedulesCount += 1;
      return beginWait(deciding, instance, {
        state: TaskInstanceState.UP_FOR_RESCHEDULE,
        untilMs: fromTimestamp(outcome.rescheduleAt) ?? nowMs,
      });
    default: {
      const timeoutMs = fromDuration(outcome.awaitInput?.humanInput?.timeout);
      return beginWait(deciding, instance, {
        state: TaskInstanceState.AWAITING_INPUT,
        humanInput: outcome.awaitInput?.humanInput,
        untilMs: endOf(nowMs + (timeoutMs ?? Number.POSITIVE_INFINITY), deadlineMs),
        method: outcome.awaitInput?.method ?? '',
        stateJson: outcome.awaitInput?.stateJson ?? '',
      });
    }
  }
}

/** When a wait is over: the first of these instants; undefined when it is never. */
function endOf(...instantsMs: readonly number[]): number | undefined {
  const firstMs = Math.min(...instantsMs);
  return Number.isFinite(firstMs) ? firstMs : undefined;
}
