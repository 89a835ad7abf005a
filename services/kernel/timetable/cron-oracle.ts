// A slow, plain reading of the cron rules for tests: every minute, with Intl, not Temporal.

/** A stretch of absolute time in a zone. */
export type Window = { readonly zone: string; readonly fromMs: number; readonly minutes: number };

type Reading = {
  readonly atMs: number;
  /** The wall clock as numbers, and as the epoch ms it would have in UTC. */
  readonly wallMs: number;
};

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
// Far enough outside the window that a day left out or repeated at its edge is seen.
const MARGIN_MINUTES = 26 * 60;
// The clock is asked this often; where it went on evenly, the minutes between are counted.
const ASKED_EVERY_MINUTES = 30;

/**
 * Reads the wall clock at every minute of a window, and returns a function that lists the ticks of
 * an expression: every minute whose reading matches; of readings that come twice the second, unless
 * the hour is `*`; and for each reading that is left out, the minute that is as far behind the
 * change as the reading is behind the change's start. A sixth field names seconds of those minutes,
 * a seventh years.
 */
export function scanMinutes(window: Window): (expression: string) => number[] {
  const readings = readWallClock(window);
  const lastAt = new Map(readings.map(({ atMs, wallMs }) => [wallMs, atMs]));
  const untilMs = window.fromMs + window.minutes * MINUTE_MS;
  return (expression) => {
    const everyHour = /^\S+ (\*|\*\/1|0-23) /.test(expression);
    const matches = matcherOf(expression);
    const minutes = new Set<number>();
    readings.forEach(({ atMs, wallMs }, index) => {
      if (matches(wallMs) && (everyHour || lastAt.get(wallMs) === atMs)) minutes.add(atMs);
      const before = readings[index - 1];
      if (before === undefined) return;
      for (let skipped = before.wallMs + MINUTE_MS; skipped < wallMs; skipped += MINUTE_MS) {
        if (matches(skipped)) minutes.add(before.atMs + (skipped - before.wallMs));
      }
    });
    const seconds = secondsOf(expression);
    return [...minutes]
      .filter((at) => at >= window.fromMs && at < untilMs)
      .sort((a, b) => a - b)
      .flatMap((at) => seconds.map((second) => at + second * 1_000));
  };
}

function readWallClock({ zone, fromMs, minutes }: Window): Reading[] {
  const wallAt = wallClockOf(zone);
  const readings: Reading[] = [];
  const untilMs = fromMs + (minutes + MARGIN_MINUTES) * MINUTE_MS;
  const stretchMs = ASKED_EVERY_MINUTES * MINUTE_MS;
  for (let at = fromMs - MARGIN_MINUTES * MINUTE_MS; at < untilMs; at += stretchMs) {
    const wallMs = wallAt(at);
    const isEven = wallAt(at + stretchMs) - wallMs === stretchMs;
    for (let past = 0; past < stretchMs; past += MINUTE_MS) {
      readings.push({ atMs: at + past, wallMs: isEven ? wallMs + past : wallAt(at + past) });
    }
  }
  return readings;
}

function wallClockOf(zone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (atMs) => {
    const [month = 0, day, year = 0, hour, minute] =
      format.format(atMs).match(/\d+/g)?.map(Number) ?? [];
    return Date.UTC(year, month - 1, day, hour, minute);
  };
}

type Matcher = (wallMs: number) => boolean;

/** Whether a reading matches, field by field, as crontab(5) tells it; no tables, no bits. */
function matcherOf(expression: string): Matcher {
  const [minute = '', hour = '', date = '', month = '', weekday = '', , year = '*'] =
    expression.split(' ');
  const minutes = numbersOf(minute, 59);
  const hours = numbersOf(hour, 23);
  const months = numbersOf(month.replaceAll(/[a-z]+/gi, monthNumber), 12);
  const years = numbersOf(year, 9_999);
  const dateMatches = anyOf(date, dateMatcherOf);
  const weekdayMatches = anyOf(weekday.replaceAll(/[a-z]{3}/gi, weekdayNumber), weekdayMatcherOf);
  const eitherDay = !/^[*?]$/.test(date) && !/^[*?]$/.test(weekday);
  return (wallMs) => {
    if (!minutes((wallMs / MINUTE_MS) % 60)) return false;
    const reading = new Date(wallMs);
    if (!hours(reading.getUTCHours()) || !months(reading.getUTCMonth() + 1)) return false;
    if (!years(reading.getUTCFullYear())) return false;
    const byDate = dateMatches(reading);
    const byWeekday = weekdayMatches(reading);
    return eitherDay ? byDate || byWeekday : byDate && byWeekday;
  };
}

function monthNumber(name: string): string {
  return String(new Date(`1 ${name} 2000 UTC`).getUTCMonth() + 1);
}

function weekdayNumber(name: string): string {
  return String(['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'].indexOf(name.toLowerCase()));
}

function secondsOf(expression: string): readonly number[] {
  const [, , , , , field = '0'] = expression.split(' ');
  return Array.from({ length: 60 }, (_, second) => second).filter(numbersOf(field, 59));
}

/** A range that ends before it begins goes round. */
function numbersOf(field: string, highest: number): (value: number) => boolean {
  const ranges = field.split(',').map((item) => {
    const [range = '', step = ''] = item.split('/');
    const [from = 0, to = step === '' ? from : highest] = /[*?]/.test(range)
      ? [highest === 12 || highest === 31 ? 1 : 0, highest]
      : range.split('-').map(Number);
    return { from, to, step: Number(step || 1) };
  });
  return (value) =>
    ranges.some(({ from, to, step }) => {
      if (from > to) return value >= from || value <= to;
      return value >= from && value <= to && (value - from) % step === 0;
    });
}

function anyOf(
  field: string,
  matcherOfItem: (item: string) => (reading: Date) => boolean,
): (reading: Date) => boolean {
  const matchers = field.split(',').map(matcherOfItem);
  return (reading) => matchers.some((matches) => matches(reading));
}

function dateMatcherOf(item: string): (reading: Date) => boolean {
  if (/w/i.test(item)) return nearestWeekdayMatcherOf(Number(item.replace(/w/i, '')));
  const days = numbersOf(item.replace('-L', '-31'), 31);
  if (item !== 'L') return (reading) => days(reading.getUTCDate());
  return (reading) => new Date(reading.getTime() + DAY_MS).getUTCDate() === 1;
}

/** Of all working days of the month the one that is least far from the day, or from its last. */
function nearestWeekdayMatcherOf(wanted: number): (reading: Date) => boolean {
  return (reading) => {
    const [year, month] = [reading.getUTCFullYear(), reading.getUTCMonth()];
    const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    const working = Array.from({ length }, (_, at) => at + 1).filter(
      (day) => new Date(Date.UTC(year, month, day)).getUTCDay() % 6 !== 0,
    );
    const distance = (day: number) => Math.abs(day - Math.min(wanted, length));
    const [nearest] = working.toSorted((a, b) => distance(a) - distance(b));
    return reading.getUTCDate() === nearest;
  };
}

function weekdayMatcherOf(item: string): (reading: Date) => boolean {
  const [text = '', nth] = item.replace(/L/, '').split('#');
  const weekdays = numbersOf(text, 7);
  return (reading) => {
    const day = reading.getUTCDay();
    if (!weekdays(day) && !(day === 0 && weekdays(7))) return false;
    const inAWeek = new Date(reading.getTime() + 7 * DAY_MS);
    if (item.includes('L')) return inAWeek.getUTCMonth() !== reading.getUTCMonth();
    return nth === undefined || Math.ceil(reading.getUTCDate() / 7) === Number(nth);
  };
}
