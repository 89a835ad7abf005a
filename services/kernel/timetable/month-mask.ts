// Which days of a month a cron expression allows, as one number with a bit for each day.
import type { CronSets, WeekdayOccurrence } from './cron-expression.ts';

/**
 * The allowed days of a month: bit 0 is day 1, bit 30 is day 31; 0 when there are none.
 * `firstDay` is the month's first day, counted from 1970-01-01.
 */
export type MonthMask = (year: number, month: number, firstDay: number) => number;

const MONTH_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** 1970-01-01 was a Thursday. */
const EPOCH_WEEKDAY = 4;
const SATURDAY = 6;
const SUNDAY = 0;

/** How many days a month has, in the Gregorian calendar; months count from 1. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2 && isLeapYear(year)) return 29;
  return MONTH_LENGTHS[month - 1] ?? 31;
}

/**
 * Prepares the days of an expression. When it restricts both day fields a day needs to match only
 * one of them; that is what cron has always done (crontab(5)), and Airflow with it.
 */
export function createMonthMask(sets: CronSets): MonthMask {
  const fixedDays = bitsOf([...sets.daysOfMonth].map((day) => day - 1));
  const weekdayDays = Array.from({ length: 7 }, (_, first) => daysOnWeekdays(sets.weekdays, first));
  const eitherMatches = sets.restrictsDayOfMonth && sets.restrictsWeekday;
  return (year, month, firstDay) => {
    if (!sets.months.has(month) || sets.years?.has(year) === false) return 0;
    const length = daysInMonth(year, month);
    const firstWeekday = (((firstDay + EPOCH_WEEKDAY) % 7) + 7) % 7;
    const byDate =
      fixedDays |
      (sets.lastDayOfMonth ? 1 << (length - 1) : 0) |
      nearestWeekdayBit(sets.nearestWeekday, firstWeekday, length);
    let byWeekday = weekdayDays[firstWeekday] ?? 0;
    for (const occurrence of sets.weekdayOccurrences) {
      byWeekday |= occurrenceBit(occurrence, firstWeekday, length);
    }
    const days = eitherMatches ? byDate | byWeekday : byDate & byWeekday;
    return days & ((2 ** length - 1) | 0);
  };
}

// A fifth occurrence that the month lacks falls beyond its length, and is cut off there.
function occurrenceBit(
  { weekday, nth }: WeekdayOccurrence,
  firstWeekday: number,
  length: number,
): number {
  const first = (weekday - firstWeekday + 7) % 7;
  const at =
    nth === 'last' ? first + 7 * Math.floor((length - 1 - first) / 7) : first + 7 * (nth - 1);
  return at < length ? 1 << at : 0;
}

/** The working day next to a day, in the same month; of a day that the month lacks, to its last. */
function nearestWeekdayBit(day: number | undefined, firstWeekday: number, length: number): number {
  if (day === undefined) return 0;
  const at = Math.min(day, length) - 1;
  const weekday = (firstWeekday + at) % 7;
  if (weekday === SATURDAY) return 1 << (at === 0 ? at + 2 : at - 1);
  if (weekday === SUNDAY) return 1 << (at === length - 1 ? at - 2 : at + 1);
  return 1 << at;
}

function daysOnWeekdays(weekdays: ReadonlySet<number>, firstWeekday: number): number {
  const days = Array.from({ length: 31 }, (_, at) => at);
  return bitsOf(days.filter((at) => weekdays.has((firstWeekday + at) % 7)));
}

function bitsOf(positions: readonly number[]): number {
  return positions.reduce((bits, position) => bits | (1 << position), 0);
}

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}
