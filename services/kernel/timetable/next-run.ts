// When the next run of a DAG is due: Airflow's rules for its timetables, as pure functions.
import { type CronTicks, nextTick, prevTick, tickAtOrAfter, tickAtOrBefore } from './cron-ticks.ts';
import type { CompiledTimetable } from './compiled-timetable.ts';

/** What the next run depends on. All instants in epoch milliseconds. */
export type NextRunQuery = {
  /** End of the data interval of the last scheduled run; undefined before the first one. */
  readonly lastIntervalEndMs?: number | undefined;
  /** First logical date that may run, inclusive. */
  readonly startMs?: number | undefined;
  /** Last logical date that may run, inclusive. */
  readonly endMs?: number | undefined;
  /** True: every instant since start. False: nothing older than the latest. */
  readonly catchup: boolean;
  /** The present. */
  readonly nowMs: number;
};

/** A run to come. All instants in epoch milliseconds. */
export type NextRun = {
  /** Names the run; always the start of its interval. */
  readonly logicalDateMs: number;
  readonly intervalStartMs: number;
  /** Equal to the start for runs that are points in time. */
  readonly intervalEndMs: number;
  /** The run is created once this has come; it may lie in the past. */
  readonly runAfterMs: number;
};

/**
 * The next run, or undefined when there is none (any more). It may be due already. Keep the answer
 * until the run was created: asked again later, a timetable without catchup answers with what is
 * then the latest.
 */
export function nextRun(timetable: CompiledTimetable, query: NextRunQuery): NextRun | undefined {
  switch (timetable.kind) {
    case 'cron':
      return timetable.dataInterval
        ? nextInterval(cronRhythm(timetable.ticks), query)
        : nextPoint(cronRhythm(timetable.ticks), query);
    case 'delta':
      return timetable.dataInterval
        ? nextInterval(deltaRhythm(timetable.deltaMs), query)
        : nextPoint(deltaRhythm(timetable.deltaMs), query);
    case 'once':
      return onlyRun(query);
  }
}

/**
 * What interval and trigger timetables need of a cron schedule or a fixed distance. Undefined: the
 * calendar ended.
 */
type Rhythm = {
  next(atMs: number): number | undefined;
  alignToNext(atMs: number): number | undefined;
  alignToPrev(atMs: number): number | undefined;
  /** Start of the latest interval that is complete. */
  latestStart(nowMs: number): number | undefined;
  /** The first point of a schedule without start date. */
  firstPoint(nowMs: number): number | undefined;
};

function cronRhythm(ticks: CronTicks): Rhythm {
  return {
    next: (atMs) => nextTick(ticks, atMs),
    alignToNext: (atMs) => tickAtOrAfter(ticks, atMs),
    alignToPrev: (atMs) => tickAtOrBefore(ticks, atMs),
    latestStart(nowMs) {
      const endMs = tickAtOrBefore(ticks, nowMs);
      return endMs === undefined ? undefined : prevTick(ticks, endMs);
    },
    firstPoint(nowMs) {
      const pastMs = tickAtOrBefore(ticks, nowMs);
      const comingMs = nextTick(ticks, nowMs);
      if (pastMs === undefined || comingMs === undefined) return comingMs;
      const lateMaxMs = Math.max((comingMs - pastMs) * LATE_SHARE, LATE_MIN_MS);
      return nowMs - pastMs <= lateMaxMs ? pastMs : comingMs;
    },
  };
}

// A DAG that appears shortly after its tick still runs for it: within 10 % of the period, and at
// least 5 minutes.
const LATE_SHARE = 0.1;
const LATE_MIN_MS = 5 * 60_000;

function deltaRhythm(deltaMs: number): Rhythm {
  return {
    next: (atMs) => atMs + deltaMs,
    alignToNext: (atMs) => atMs,
    alignToPrev: (atMs) => atMs,
    latestStart: (nowMs) => Math.floor(nowMs / deltaMs) * deltaMs - deltaMs,
    firstPoint: (nowMs) => nowMs,
  };
}

/** Runs that cover the interval between two instants, and run at its end. */
function nextInterval(rhythm: Rhythm, query: NextRunQuery): NextRun | undefined {
  const { lastIntervalEndMs, endMs } = query;
  const earliestMs = query.catchup
    ? mapDefined(query.startMs, rhythm.alignToNext)
    : latest(rhythm.latestStart(query.nowMs), mapDefined(query.startMs, rhythm.alignToNext));
  const startMs =
    lastIntervalEndMs === undefined
      ? earliestMs
      : latest(rhythm.alignToPrev(lastIntervalEndMs), earliestMs);
  if (startMs === undefined || isAfter(startMs, endMs)) return undefined;
  const intervalEndMs = rhythm.next(startMs);
  if (intervalEndMs === undefined) return undefined;
  return {
    logicalDateMs: startMs,
    intervalStartMs: startMs,
    intervalEndMs,
    runAfterMs: intervalEndMs,
  };
}

/** Runs that are points in time. */
function nextPoint(rhythm: Rhythm, query: NextRunQuery): NextRun | undefined {
  const { lastIntervalEndMs, startMs, endMs, nowMs } = query;
  const followingMs = mapDefined(lastIntervalEndMs, rhythm.next);
  const startingMs = mapDefined(startMs, rhythm.alignToNext);
  const firstMs =
    lastIntervalEndMs === undefined && startMs === undefined
      ? rhythm.firstPoint(nowMs)
      : startingMs;
  const atMs = query.catchup
    ? lastIntervalEndMs === undefined
      ? firstMs
      : followingMs
    : latest(rhythm.alignToPrev(nowMs), latest(followingMs, firstMs));
  return atMs === undefined || isAfter(atMs, endMs) ? undefined : pointInTime(atMs);
}

function onlyRun({ lastIntervalEndMs, startMs, endMs, nowMs }: NextRunQuery): NextRun | undefined {
  const atMs = startMs ?? nowMs;
  return lastIntervalEndMs !== undefined || isAfter(atMs, endMs) ? undefined : pointInTime(atMs);
}

function pointInTime(atMs: number): NextRun {
  return { logicalDateMs: atMs, intervalStartMs: atMs, intervalEndMs: atMs, runAfterMs: atMs };
}

function isAfter(atMs: number, endMs: number | undefined): boolean {
  return endMs !== undefined && atMs > endMs;
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.max(a, b);
}

function mapDefined(
  value: number | undefined,
  map: (value: number) => number | undefined,
): number | undefined {
  return value === undefined ? undefined : map(value);
}
