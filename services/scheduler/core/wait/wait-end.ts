// The end of a wait: an event, an answer, or time that ran out.
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { advance, finish } from '../advance.ts';
import type { Deciding } from '../deciding.ts';
import { conclude, skipTasks } from '../transition.ts';
import { noteOutlets } from '../asset/asset-updates.ts';
import { failTry } from '../attempt/attempts.ts';
import { answer } from './human-input.ts';
import type { Instance } from '../instance.ts';
import { recordOwnAttempt } from '../attempt/own-attempt.ts';
import { TaskAttemptState, TaskInstanceState } from '../state.ts';
import { goOnIfMet } from '../operation/start-over.ts';
import { isWaiting, resume } from './waits.ts';

/** What ended a wait. */
export type WaitEvent = {
  readonly eventJson: string;
  /** Why it failed; empty when it did not. */
  readonly error: string;
  /** True: the task is skipped. */
  readonly isSkip: boolean;
};

/** What a wait says whose time ran out. */
export const TRIGGER_TIMEOUT = 'trigger_timeout';

/** The time of a wait is over: it runs again, its defaults are taken, or it has failed. */
export function endWait(deciding: Deciding, instance: Instance, waitId: string): void {
  if (!isCurrent(instance, waitId)) return;
  const untilMs = fromTimestamp(instance.wait?.until) ?? Number.POSITIVE_INFINITY;
  if (untilMs > deciding.nowMs) return;
  switch (instance.state) {
    case TaskInstanceState.UP_FOR_RESCHEDULE:
      return goOnIfMet(deciding, instance);
    case TaskInstanceState.AWAITING_INPUT:
      return answerForNobody(deciding, instance);
    default:
      return fire(deciding, instance, { eventJson: '', error: TRIGGER_TIMEOUT, isSkip: false });
  }
}

/** A trigger fired or failed: a task with code goes on with that, one without ends with it. */
export function fire(deciding: Deciding, instance: Instance, event: WaitEvent): void {
  const { task } = instance;
  if (event.isSkip) {
    return finish(deciding, instance, TaskInstanceState.SKIPPED, 'what it waited for was skipped');
  }
  if (task.kind === 'code') {
    return resume(deciding, instance, { eventJson: event.eventJson, error: event.error });
  }
  if (event.error === '') {
    const state = TaskAttemptState.SUCCESS;
    const resultJson = event.eventJson === '' ? undefined : event.eventJson;
    recordOwnAttempt(deciding, instance, { state, resultJson });
    return succeed(deciding, instance);
  }
  if (task.isSoftFail) {
    return finish(deciding, instance, TaskInstanceState.SKIPPED, event.error);
  }
  failWait(deciding, instance, event.error, event.error === TRIGGER_TIMEOUT ? 'timeout' : '');
}

/** True while an instance is in the very wait that is meant. */
export function isCurrent(instance: Instance, waitId: string): boolean {
  const { run, wait } = instance;
  return run.dag.isOwned && isWaiting(instance) && wait?.waitId === waitId;
}

/** Success of a task without code, which may have decided that tasks below it are skipped. */
export function succeed(
  deciding: Deciding,
  instance: Instance,
  skipped: readonly number[] = [],
): void {
  noteOutlets(deciding, instance, []);
  const looks = conclude(deciding, instance, TaskInstanceState.SUCCESS);
  const below = skipTasks(deciding, instance.run, skipped);
  advance(deciding, instance.run, [...looks, ...below]);
}

/** Failure of a task without code, which may be tried again; `reason` as retry rules name it. */
export function failWait(
  deciding: Deciding,
  instance: Instance,
  message: string,
  reason: 'timeout' | '' = '',
): void {
  const error = { errorClass: 'WaitFailed', message, stack: '' };
  recordOwnAttempt(deciding, instance, { state: TaskAttemptState.FAILED, error });
  failTry(deciding, instance, { error, reason });
}

/** Nobody answered in time: the defaults count, or the task fails. */
function answerForNobody(deciding: Deciding, instance: Instance): void {
  const defaults = instance.wait?.humanInput?.defaults ?? [];
  if (defaults.length > 0) {
    return answer(deciding, instance, {
      chosenOptions: [...defaults],
      paramsJson: instance.wait?.humanInput?.paramsJson ?? '',
      respondedBy: 'timeout',
    });
  }
  if (instance.task.kind === 'code') {
    return resume(deciding, instance, { error: 'human_input_timeout' });
  }
  failWait(deciding, instance, 'nobody answered in time', 'timeout');
}
