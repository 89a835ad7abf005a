// Finds the wall-clock readings that a cron expression allows, in a calendar without zones.
import type { CronSets } from './cron-expression.ts';
import { createMonthMask, daysInMonth } from './month-mask.ts';

/**
 * A cron expression prepared for searching. Wall-clock times are numbers: the epoch milliseconds
 * that the same reading would have in UTC. Both searches end after the 400 years in which the
 * calendar repeats itself.
 */
export type WallClock = {
  /** Whether every hour of a day is allowed. */
  readonly coversEveryHour: boolean;
  /**
   * The first allowed reading at or after a wall-clock time; undefined when there is none up to the
   * year 9999.
   */
  atOrAfter(wallMs: number): number | undefined;
  /**
   * The last allowed reading at or before a wall-clock time; undefined when there is none since the
   * year 1.
   */
  atOrBefore(wallMs: number): number | undefined;
};

const SECOND_MS = 1_000;
const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;
const DAY_MS = DAY_S * SECOND_MS;
const CYCLE_MONTHS = 400 * 12;

/** Days since 1970-01-01 of 0001-01-01 and 9999-12-31: the years that timestamps can carry. */
const FIRST_DAY = -719_162;
const LAST_DAY = 2_932_896;

/** Prepares a cron expression. Throws an Error when no date can ever match, such as 31 February. */
export function createWallClock(sets: CronSets): WallClock {
  const days = createDaySearch(sets);
  const times = createTimeSearch(sets);
  if (days.atOrAfter(0) === undefined) {
    throw new Error(
      'the cron expression never matches: no month it allows has such a day (like 31 February)',
    );
  }
  return {
    coversEveryHour: sets.hours.size === 24,
    atOrAfter(wallMs) {
      const seconds = Math.ceil(wallMs / SECOND_MS);
      const today = Math.floor(seconds / DAY_S);
      const day = days.atOrAfter(today);
      if (day === undefined) return undefined;
      const time = day === today ? times.atOrAfter(seconds - today * DAY_S) : times.first;
      if (time !== undefined) return (day * DAY_S + time) * SECOND_MS;
      const later = days.atOrAfter(today + 1);
      return later === undefined ? undefined : (later * DAY_S + times.first) * SECOND_MS;
    },
    atOrBefore(wallMs) {
      const seconds = Math.floor(wallMs / SECOND_MS);
      const today = Math.floor(seconds / DAY_S);
      const day = days.atOrBefore(today);
      if (day === undefined) return undefined;
      const time = day === today ? times.atOrBefore(seconds - today * DAY_S) : times.last;
      if (time !== undefined) return (day * DAY_S + time) * SECOND_MS;
      const earlier = days.atOrBefore(today - 1);
      return earlier === undefined ? undefined : (earlier * DAY_S + times.last) * SECOND_MS;
    },
  };
}

type DaySearch = {
  atOrAfter(day: number): number | undefined;
  atOrBefore(day: number): number | undefined;
};

// Days are counted from 1970-01-01. A month's allowed days are one 31-bit number, so a month costs
// one step.
function createDaySearch(sets: CronSets): DaySearch {
  const monthMask = createMonthMask(sets);
  return {
    atOrAfter(day) {
      let { year, month, dayOfMonth } = civil(day);
      let firstDay = day - dayOfMonth + 1;
      let wanted = -1 << (dayOfMonth - 1);
      for (let step = 0; step <= CYCLE_MONTHS && firstDay <= LAST_DAY; step++) {
        const allowed = monthMask(year, month, firstDay) & wanted;
        if (allowed !== 0) return firstDay + lowestBit(allowed);
        wanted = -1;
        firstDay += daysInMonth(year, month);
        month = month === 12 ? 1 : month + 1;
        if (month === 1) year++;
      }
      return undefined;
    },
    atOrBefore(day) {
      let { year, month, dayOfMonth } = civil(day);
      let firstDay = day - dayOfMonth + 1;
      let wanted = ~(-2 << (dayOfMonth - 1));
      for (let step = 0; step <= CYCLE_MONTHS && firstDay >= FIRST_DAY; step++) {
        const allowed = monthMask(year, month, firstDay) & wanted;
        if (allowed !== 0) return firstDay + highestBit(allowed);
        wanted = -1;
        month = month === 1 ? 12 : month - 1;
        if (month === 12) year--;
        firstDay -= daysInMonth(year, month);
      }
      return undefined;
    },
  };
}

// Times of day are counted in seconds since midnight.
type TimeSearch = {
  readonly first: number;
  readonly last: number;
  atOrAfter(time: number): number | undefined;
  atOrBefore(time: number): number | undefined;
};

function createTimeSearch(sets: CronSets): TimeSearch {
  const hours = createLadder(sets.hours, 24);
  const minutes = createLadder(sets.minutes, 60);
  const seconds = createLadder(sets.seconds, 60);
  const firstInHour = minutes.up(0) * MINUTE_S + seconds.up(0);
  const lastInHour = minutes.down(59) * MINUTE_S + seconds.down(59);
  return {
    first: hours.up(0) * HOUR_S + firstInHour,
    last: hours.down(23) * HOUR_S + lastInHour,
    atOrAfter(time) {
      const { hour, minute, second } = split(time);
      if (hours.up(hour) === hour) {
        const inMinute = minutes.up(minute) === minute ? seconds.up(second) : -1;
        if (inMinute >= 0) return hour * HOUR_S + minute * MINUTE_S + inMinute;
        const later = minutes.up(minute + 1);
        if (later >= 0) return hour * HOUR_S + later * MINUTE_S + seconds.up(0);
      }
      const later = hours.up(hour + 1);
      return later < 0 ? undefined : later * HOUR_S + firstInHour;
    },
    atOrBefore(time) {
      const { hour, minute, second } = split(time);
      if (hours.down(hour) === hour) {
        const inMinute = minutes.down(minute) === minute ? seconds.down(second) : -1;
        if (inMinute >= 0) return hour * HOUR_S + minute * MINUTE_S + inMinute;
        const earlier = minutes.down(minute - 1);
        if (earlier >= 0) return hour * HOUR_S + earlier * MINUTE_S + seconds.down(59);
      }
      const earlier = hours.down(hour - 1);
      return earlier < 0 ? undefined : earlier * HOUR_S + lastInHour;
    },
  };
}

function split(time: number): { hour: number; minute: number; second: number } {
  const hour = Math.floor(time / HOUR_S);
  const minute = Math.floor((time - hour * HOUR_S) / MINUTE_S);
  return { hour, minute, second: time - hour * HOUR_S - minute * MINUTE_S };
}

/**
 * Nearest allowed value at or above, at or below; -1 when there is none. Answers from two small
 * tables.
 */
type Ladder = { up(value: number): number; down(value: number): number };

function createLadder(allowed: ReadonlySet<number>, size: number): Ladder {
  const above = new Int8Array(size + 1).fill(-1);
  const below = new Int8Array(size + 1).fill(-1);
  for (let value = size - 1; value >= 0; value--) {
    above[value] = allowed.has(value) ? value : (above[value + 1] ?? -1);
  }
  for (let value = 0; value < size; value++) {
    below[value + 1] = allowed.has(value) ? value : (below[value] ?? -1);
  }
  return { up: (value) => above[value] ?? -1, down: (value) => below[value + 1] ?? -1 };
}

function civil(day: number): { year: number; month: number; dayOfMonth: number } {
  const date = new Date(day * DAY_MS);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    dayOfMonth: date.getUTCDate(),
  };
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

function highestBit(bits: number): number {
  return 31 - Math.clz32(bits);
}
