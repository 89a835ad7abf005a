// Waits in a simulation: those for an instant end by themselves, others when somebody ends them,
// or when their time is over.
import { fromDuration, fromTimestamp } from '#kernel/clock/timestamp.ts';
import { type Instance, instancesOf } from '../core/instance.ts';
import { TaskInstanceState } from '../core/state.ts';
import { fire, isCurrent } from '../core/wait/wait-end.ts';
import type { Simulation } from './simulation.ts';

/** When the next timer of a deferred task goes off; undefined when none will. */
export function nextTimerMs({ picture }: Simulation): number | undefined {
  const moments = [...picture.waits.values()].flatMap((instance) => momentOf(instance) ?? []);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

/** Fires the timers whose instant has come; answers whether there were any. */
export function fireTimers(simulation: Simulation): boolean {
  const nowMs = simulation.nowMs();
  const due = [...simulation.picture.waits.values()].flatMap((instance) => {
    const atMs = momentOf(instance);
    return atMs !== undefined && atMs <= nowMs ? [{ instance, atMs }] : [];
  });
  for (const { instance, atMs } of due.toSorted((a, b) => a.atMs - b.atMs)) {
    const eventJson = JSON.stringify({ moment: new Date(atMs).toISOString() });
    simulation.decide((deciding) => {
      if (!isCurrent(instance, instance.wait?.waitId ?? '')) return;
      fire(deciding, instance, { eventJson, error: '', isSkip: false });
    });
  }
  return due.length > 0;
}

/**
 * When the first wait runs out of time that somebody could still end: with an event, or an answer.
 * Undefined when there is none.
 */
export function firstTimeoutMs({ picture }: Simulation): number | undefined {
  const live = [...picture.dags.values()].flatMap(({ runs }) => [...runs.values()]);
  const ends = live.flatMap((run) =>
    [...instancesOf(run)]
      .filter(isInOurHands)
      .flatMap(({ wait }) => fromTimestamp(wait?.until) ?? []),
  );
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function isInOurHands({ state, wait }: Instance): boolean {
  if (state === TaskInstanceState.AWAITING_INPUT) return true;
  return state === TaskInstanceState.DEFERRED && wait?.trigger?.kind.case !== 'timer';
}

function momentOf({ wait }: Instance): number | undefined {
  const kind = wait?.trigger?.kind;
  if (wait === undefined || kind?.case !== 'timer') return undefined;
  const sinceMs = fromTimestamp(wait.since) ?? 0;
  const { moment } = kind.value;
  if (moment.case === 'after') return sinceMs + (fromDuration(moment.value) ?? 0);
  return fromTimestamp(moment.value) ?? sinceMs;
}
