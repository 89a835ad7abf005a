// A cron schedule or a fixed distance, as what the rules for runs need of it.
import { type CronTicks, nextTick, prevTick, tickAtOrAfter, tickAtOrBefore } from './cron-ticks.ts';
import { daysInMonth } from './month-mask.ts';

/** Instants that follow one another. All answers are undefined where the calendar ends. */
export type Rhythm = {
  next(atMs: number): number | undefined;
  prev(atMs: number): number | undefined;
  alignToNext(atMs: number): number | undefined;
  alignToPrev(atMs: number): number | undefined;
  /** Start of the latest interval that is complete. */
  latestStart(nowMs: number): number | undefined;
  /** The first point of a schedule without start date. */
  firstPoint(nowMs: number): number | undefined;
};

/** A distance between two runs: calendar months of the UTC date, then absolute time. */
export type Step = { readonly months: number; readonly spanMs: number };

// A DAG that appears shortly after its tick still runs for it: within 10 % of the period, and at
// least 5 minutes.
const LATE_SHARE = 0.1;
const LATE_MIN_MS = 5 * 60_000;

/**
 * The rhythm of a cron schedule. `lateMaxMs` is how old the past tick may be to be the first point;
 * undefined leaves it to the period.
 */
export function cronRhythm(ticks: CronTicks, lateMaxMs?: number): Rhythm {
  return {
    next: (atMs) => nextTick(ticks, atMs),
    prev: (atMs) => prevTick(ticks, atMs),
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
      const lateByPeriodMs = Math.max((comingMs - pastMs) * LATE_SHARE, LATE_MIN_MS);
      return nowMs - pastMs <= (lateMaxMs ?? lateByPeriodMs) ? pastMs : comingMs;
    },
  };
}

/** The rhythm of a distance: every instant is aligned, and the first point is now. */
export function stepRhythm(step: Step): Rhythm {
  const lengthMs = roughLengthMs(step);
  return {
    next: (atMs) => moved(atMs, step, 1),
    prev: (atMs) => moved(atMs, step, -1),
    alignToNext: (atMs) => atMs,
    alignToPrev: (atMs) => atMs,
    latestStart: (nowMs) => moved(Math.floor(nowMs / lengthMs) * lengthMs, step, -1),
    firstPoint: (nowMs) => nowMs,
  };
}

const DAY_MS = 86_400_000;
const YEAR_1_MS = -62_135_596_800_000;
const YEAR_9999_END_MS = 253_402_300_799_999;

// As Airflow rounds to months and years when it looks for the latest interval.
function roughLengthMs({ months, spanMs }: Step): number {
  return ((months % 12) * 30 + Math.floor(months / 12) * 365) * DAY_MS + spanMs;
}

function moved(atMs: number, { months, spanMs }: Step, direction: 1 | -1): number | undefined {
  const movedMs = addMonths(atMs, direction * months) + direction * spanMs;
  return movedMs >= YEAR_1_MS && movedMs <= YEAR_9999_END_MS ? movedMs : undefined;
}

/** A day that the other month lacks becomes its last: 31 January and a month is 28 February. */
function addMonths(atMs: number, months: number): number {
  if (months === 0) return atMs;
  const date = new Date(atMs);
  const count = date.getUTCFullYear() * 12 + date.getUTCMonth() + months;
  const year = Math.floor(count / 12);
  const month = count - year * 12;
  const day = Math.min(date.getUTCDate(), daysInMonth(year, month + 1));
  return date.setUTCFullYear(year, month, day);
}
