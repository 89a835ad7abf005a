// A slow, plain reading of the cron rules for tests: every minute, with Intl, not Temporal.

/** A stretch of absolute time in a zone. */
export type Window = { readonly zone: string; readonly fromMs: number; readonly minutes: number };

type Reading = {
  readonly atMs: number;
  /** The wall clock as numbers, and as the epoch ms it would have in UTC. */
  readonly wallMs: number;
};

const MINUTE_MS = 60_000;
// Far enough outside the window that a day left out or repeated at its edge is seen.
const MARGIN_MINUTES = 26 * 60;

/**
 * Reads the wall clock at every minute of a window, and returns a function that lists the ticks of
 * an expression: every minute whose reading matches; of readings that come twice the second, unless
 * the hour is `*`; and for each reading that is left out, the minute that is as far behind the
 * change as the reading is behind the change's start.
 */
export function scanMinutes(window: Window): (expression: string) => number[] {
  const readings = readWallClock(window);
  const lastAt = new Map(readings.map(({ atMs, wallMs }) => [wallMs, atMs]));
  const untilMs = window.fromMs + window.minutes * MINUTE_MS;
  return (expression) => {
    const everyHour = expression.split(' ')[1] === '*';
    const matches = matcherOf(expression);
    const ticks = new Set<number>();
    readings.forEach(({ atMs, wallMs }, index) => {
      if (matches(wallMs) && (everyHour || lastAt.get(wallMs) === atMs)) ticks.add(atMs);
      const before = readings[index - 1];
      if (before === undefined) return;
      for (let skipped = before.wallMs + MINUTE_MS; skipped < wallMs; skipped += MINUTE_MS) {
        if (matches(skipped)) ticks.add(before.atMs + (skipped - before.wallMs));
      }
    });
    return [...ticks].filter((at) => at >= window.fromMs && at < untilMs).sort((a, b) => a - b);
  };
}

function readWallClock({ zone, fromMs, minutes }: Window): Reading[] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const readings: Reading[] = [];
  for (let step = -MARGIN_MINUTES; step < minutes + MARGIN_MINUTES; step++) {
    const atMs = fromMs + step * MINUTE_MS;
    const [month = 0, day, year = 0, hour, minute] =
      format.format(atMs).match(/\d+/g)?.map(Number) ?? [];
    readings.push({ atMs, wallMs: Date.UTC(year, month - 1, day, hour, minute) });
  }
  return readings;
}

type Matcher = (wallMs: number) => boolean;

/** Whether a reading matches, field by field, as crontab(5) tells it; no tables, no bits. */
function matcherOf(expression: string): Matcher {
  const [minute = '', hour = '', date = '', month = '', weekday = ''] = expression.split(' ');
  const minutes = numbersOf(minute);
  const hours = numbersOf(hour);
  const months = numbersOf(month);
  const dateMatches = dateMatcherOf(date);
  const weekdayMatches = weekdayMatcherOf(weekday);
  const eitherDay = date !== '*' && weekday !== '*';
  return (wallMs) => {
    const reading = new Date(wallMs);
    if (!minutes(reading.getUTCMinutes()) || !hours(reading.getUTCHours())) return false;
    if (!months(reading.getUTCMonth() + 1)) return false;
    const byDate = dateMatches(reading);
    const byWeekday = weekdayMatches(reading);
    return eitherDay ? byDate || byWeekday : byDate && byWeekday;
  };
}

function numbersOf(field: string): (value: number) => boolean {
  const ranges = field.split(',').map((item) => {
    const [range = '', step = '1'] = item.split('/');
    const [from = 0, to = from] = range === '*' ? [0, Infinity] : range.split('-').map(Number);
    return { from, to, step: Number(step) };
  });
  return (value) =>
    ranges.some(({ from, to, step }) => {
      return value >= from && value <= to && (value - from) % step === 0;
    });
}

function dateMatcherOf(field: string): (reading: Date) => boolean {
  const days = numbersOf(field);
  if (field !== 'L') return (reading) => days(reading.getUTCDate());
  return (reading) => new Date(reading.getTime() + 86_400_000).getUTCDate() === 1;
}

function weekdayMatcherOf(field: string): (reading: Date) => boolean {
  const [text = '', nth] = field.replace(/L$/, '').split('#');
  const weekdays = numbersOf(text);
  return (reading) => {
    if (!weekdays(reading.getUTCDay()) && !weekdays(reading.getUTCDay() + 7)) return false;
    const inAWeek = new Date(reading.getTime() + 7 * 86_400_000);
    if (field.endsWith('L')) return inAWeek.getUTCMonth() !== reading.getUTCMonth();
    return nth === undefined || Math.ceil(reading.getUTCDate() / 7) === Number(nth);
  };
}
