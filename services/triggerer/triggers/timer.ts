// Waits for an instant.
import { fromDuration, fromTimestamp } from '#kernel/clock/timestamp.ts';
import type { Alarms } from '../alarms.ts';
import { isKnown } from '../core/known-event.ts';
import type { TriggererEvents } from '../events.ts';
import type { SpecOf, Trigger } from './trigger.ts';

/**
 * Fires at its instant, or at once when that has passed; all timers share one alarm clock. An
 * instant that a watcher was told does not come again.
 */
export function timerTrigger(options: {
  /** They go by the wall clock. */
  readonly alarms: Alarms;
  readonly events: TriggererEvents;
}): Trigger<'timer'> {
  const { alarms, events } = options;
  return (spec, { sinceMs, known, end }) => {
    const atMs = momentOf(spec, sinceMs);
    const event = { moment: new Date(atMs).toISOString() };
    if (isKnown(known, event)) return () => undefined;
    const alarm = alarms.set(atMs, (lateMs) => {
      events.timerFired(lateMs);
      end({ kind: 'fired', event });
    });
    return () => alarm.cancel();
  };
}

function momentOf({ moment }: SpecOf<'timer'>, sinceMs: number): number {
  switch (moment.case) {
    case 'at':
      return fromTimestamp(moment.value) ?? sinceMs;
    case 'after':
      return sinceMs + (fromDuration(moment.value) ?? 0);
    case undefined:
      throw new Error('the timer names no moment; give it `at` or `after`');
  }
}
