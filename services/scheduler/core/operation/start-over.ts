// Starting over: an instance becomes what it was before anything had happened to it, and waits for
// what is above it again.
import { advance } from '../advance.ts';
import type { Deciding } from '../deciding.ts';
import { type Look, lookAt } from '../graph/relevant.ts';
import { moveTo, unsettle } from '../transition.ts';
import { markStale } from '../mapping/expand.ts';
import type { Instance } from '../instance.ts';
import { isFinished, TaskInstanceState } from '../state.ts';

/** Takes back all that an instance without attempt has come to; answers where it is looked at. */
export function startOver(deciding: Deciding, instance: Instance): Look[] {
  const { picture, changes } = deciding;
  if (isFinished(instance.state)) unsettle(deciding, instance);
  moveTo(picture, instance, TaskInstanceState.NONE);
  Object.assign(instance, {
    scheduledAtMs: undefined,
    queuedAtMs: undefined,
    startMs: undefined,
    endMs: undefined,
    nextTryMs: undefined,
    stateReason: '',
    deadlineMs: undefined,
    waitingSinceMs: undefined,
    reschedulesCount: 0,
    wait: undefined,
    mapLength: undefined,
    skipDecision: undefined,
  });
  markStale(instance.run, instance.task);
  changes.instances.add(instance);
  return [lookAt(instance.node)];
}

/** A cleared instance has left its worker: it starts over, once its dependencies are met again. */
export function restart(deciding: Deciding, instance: Instance): void {
  advance(deciding, instance.run, startOver(deciding, instance));
}

/**
 * What an instance waited for in the middle of its tries is over. It goes on as it is unless what
 * is above it was cleared meanwhile: then its dependencies have to be met again.
 */
export function goOnIfMet(deciding: Deciding, instance: Instance): void {
  const { mapIndex, node, run } = instance;
  const from = Math.max(mapIndex, 0);
  moveTo(deciding.picture, instance, TaskInstanceState.NONE);
  instance.nextTryMs = undefined;
  deciding.changes.instances.add(instance);
  advance(deciding, run, [{ node, from, to: from + 1 }]);
}
