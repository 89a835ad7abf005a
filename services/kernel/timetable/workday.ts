// Runs that cover a working day each, and run when it ends: Friday's as Saturday begins.
import type { CompiledWorkday } from './compiled-timetable.ts';
import { nextTick, prevTick, tickAtOrAfter, tickAtOrBefore } from './cron-ticks.ts';
import { intervalRun, isAfter, latest, type NextRun, type NextRunQuery } from './planned-run.ts';

const DAY_MS = 86_400_000;

/** The next run, by the rules of interval timetables. */
export function nextWorkdayRun(workday: CompiledWorkday, query: NextRunQuery): NextRun | undefined {
  const { lastIntervalEndMs, startMs, endMs, catchup, nowMs } = query;
  const firstMs = startMs === undefined ? undefined : workdayAtOrAfter(workday, startMs);
  const earliestMs = catchup ? firstMs : latest(latestCompleteDay(workday, nowMs), firstMs);
  const followingMs =
    lastIntervalEndMs === undefined ? undefined : dayAfterInterval(workday, lastIntervalEndMs);
  const dayMs = latest(followingMs, earliestMs);
  return dayMs === undefined || isAfter(dayMs, endMs) ? undefined : runOf(workday, dayMs);
}

/** The interval of a manual run: the last working day before the day of `runAfterMs`. */
export function workdayBefore(workday: CompiledWorkday, runAfterMs: number): NextRun | undefined {
  const todayMs = tickAtOrBefore(workday.days, runAfterMs);
  const dayMs = todayMs === undefined ? undefined : earlierWorkday(workday, todayMs);
  return dayMs === undefined ? undefined : runOf(workday, dayMs);
}

function runOf(workday: CompiledWorkday, dayMs: number): NextRun | undefined {
  const dayEndMs = nextTick(workday.days, dayMs);
  return dayEndMs === undefined ? undefined : intervalRun(dayMs, dayEndMs);
}

// The last interval may be of another schedule, and end at noon: that day is not covered yet.
function dayAfterInterval(workday: CompiledWorkday, lastEndMs: number): number | undefined {
  const dayMs = tickAtOrBefore(workday.days, lastEndMs);
  return dayMs === undefined ? undefined : workdayAtOrAfter(workday, dayMs);
}

function latestCompleteDay(workday: CompiledWorkday, nowMs: number): number | undefined {
  const todayMs = tickAtOrBefore(workday.days, nowMs);
  return todayMs === undefined ? undefined : earlierWorkday(workday, todayMs);
}

// Both searches pass each holiday once, and no more than two days of weekend between two of them.
function workdayAtOrAfter(workday: CompiledWorkday, atMs: number): number | undefined {
  let dayMs = tickAtOrAfter(workday.days, atMs);
  while (dayMs !== undefined && !isWorkday(workday, dayMs)) dayMs = nextTick(workday.days, dayMs);
  return dayMs;
}

function earlierWorkday(workday: CompiledWorkday, beforeMs: number): number | undefined {
  let dayMs = prevTick(workday.days, beforeMs);
  while (dayMs !== undefined && !isWorkday(workday, dayMs)) dayMs = prevTick(workday.days, dayMs);
  return dayMs;
}

function isWorkday({ days, holidays }: CompiledWorkday, dayMs: number): boolean {
  const day = Math.floor((dayMs + days.zone.segmentAt(dayMs).offsetMs) / DAY_MS);
  const weekday = new Date(day * DAY_MS).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !holidays.has(day);
}
