// The data a manual run covers, when it has a logical date and nobody says more.
import type { CompiledEvents, CompiledTimetable } from './compiled-timetable.ts';
import { cronRhythm, type Rhythm, stepRhythm } from './rhythm.ts';
import { workdayBefore } from './workday.ts';

/** From start to end, in epoch milliseconds; equal for a point in time. */
export type Interval = { readonly startMs: number; readonly endMs: number };

/** The interval that a timetable has for a manual run of that instant. */
export function manualInterval(timetable: CompiledTimetable, runAfterMs: number): Interval {
  switch (timetable.kind) {
    case 'cron':
      return timetable.dataInterval
        ? endingAt(cronRhythm(timetable.ticks), runAfterMs)
        : { startMs: runAfterMs - timetable.lookBackMs, endMs: runAfterMs };
    case 'delta':
      return timetable.dataInterval
        ? endingAt(stepRhythm(timetable.step), runAfterMs)
        : { startMs: runAfterMs - timetable.lookBackMs, endMs: runAfterMs };
    case 'multiple_cron':
      return manualInterval(timetable.members[0], runAfterMs);
    case 'events':
      return pointAt(timetable.restrictToEvents ? lastEvent(timetable, runAfterMs) : runAfterMs);
    case 'workday': {
      const run = workdayBefore(timetable, runAfterMs);
      return run === undefined
        ? pointAt(runAfterMs)
        : { startMs: run.intervalStartMs, endMs: run.intervalEndMs };
    }
    case 'asset_or_time':
      return manualInterval(timetable.time, runAfterMs);
    default:
      return pointAt(runAfterMs);
  }
}

/** The latest interval that is complete; a point where the calendar has none. */
function endingAt(rhythm: Rhythm, runAfterMs: number): Interval {
  const endMs = rhythm.alignToPrev(runAfterMs);
  const startMs = endMs === undefined ? undefined : rhythm.prev(endMs);
  return startMs === undefined || endMs === undefined ? pointAt(runAfterMs) : { startMs, endMs };
}

/** The first event when all are to come. */
function lastEvent({ instantsMs }: CompiledEvents, atMs: number): number {
  return instantsMs.findLast((each) => each <= atMs) ?? instantsMs[0];
}

function pointAt(atMs: number): Interval {
  return { startMs: atMs, endMs: atMs };
}
