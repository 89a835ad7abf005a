// Which instants a cron expression means: rows from the manuals, then a brute-force oracle.
import { describe, expect, test } from 'vitest';
import {
  createCronTicks,
  nextTick,
  prevTick,
  tickAtOrAfter,
  tickAtOrBefore,
} from './cron-ticks.ts';
import { scanMinutes, type Window } from './cron-oracle.ts';

function firstTicks(expression: string, zone: string, after: string, count: number): string[] {
  const ticks = createCronTicks(expression, zone);
  const found: string[] = [];
  let atMs: number | undefined = Date.parse(after) - 1;
  while (found.length < count && atMs !== undefined) {
    atMs = nextTick(ticks, atMs);
    if (atMs !== undefined) found.push(new Date(atMs).toISOString().slice(0, 16));
  }
  return found;
}

describe('the calendar', () => {
  test.each([
    [
      'lists, ranges and steps',
      '5/20 0-2/2 * * *',
      '2024-01-01T00:05 2024-01-01T00:25 2024-01-01T00:45 2024-01-01T02:05',
    ],
    ['names', '0 0 1 feb,MAR *', '2024-02-01T00:00 2024-03-01T00:00 2025-02-01T00:00'],
    ['7 is Sunday', '0 0 * * 7', '2024-01-07T00:00 2024-01-14T00:00'],
    [
      'a range up to Sunday',
      '0 0 * * 5-7',
      '2024-01-05T00:00 2024-01-06T00:00 2024-01-07T00:00 2024-01-12T00:00',
    ],
    [
      'either day field is enough',
      '0 0 13 * 5',
      '2024-01-05T00:00 2024-01-12T00:00 2024-01-13T00:00 2024-01-19T00:00',
    ],
    ['? restricts nothing', '0 0 13 * ?', '2024-01-13T00:00 2024-02-13T00:00'],
    ['leap days', '0 0 29 2 *', '2024-02-29T00:00 2028-02-29T00:00'],
    ['the last day of a month', '0 0 L * *', '2024-01-31T00:00 2024-02-29T00:00 2024-03-31T00:00'],
    ['the third Friday', '0 0 * * 5#3', '2024-01-19T00:00 2024-02-16T00:00'],
    [
      'several n-th weekdays',
      '0 0 * * 1#1,2#1',
      '2024-01-01T00:00 2024-01-02T00:00 2024-02-05T00:00',
    ],
    ['the last Friday', '0 0 * * 5L', '2024-01-26T00:00 2024-02-23T00:00'],
    ['the last Friday in croniter’s spelling', '0 0 * * L5', '2024-01-26T00:00 2024-02-23T00:00'],
    [
      'a fifth Monday in February',
      '0 0 * 2 1#5',
      '2044-02-29T00:00 2072-02-29T00:00 2112-02-29T00:00',
    ],
    ['31 February or a Monday of it', '0 0 31 2 1', '2024-02-05T00:00 2024-02-12T00:00'],
    ['@quarterly', '@quarterly', '2024-01-01T00:00 2024-04-01T00:00 2024-07-01T00:00'],
    ['values written twice', '0,0,0 0 1 1 *', '2024-01-01T00:00 2025-01-01T00:00'],
  ])('%s: %s', (_, expression, expected) => {
    const instants = expected.split(' ');
    expect(firstTicks(expression, '', '2024-01-01T00:00Z', instants.length)).toEqual(instants);
  });

  test('century years are leap years only every 400 years', () => {
    const expected = ['2096-02-29T12:00', '2104-02-29T12:00'];
    expect(firstTicks('0 12 29 2 *', '', '2096-01-01T00:00Z', 2)).toEqual(expected);
  });
});

describe('zones', () => {
  test.each([
    [
      'half an hour left out',
      'Australia/Lord_Howe',
      '10 2 * * *',
      '2023-09-30T00:00Z',
      '2023-09-30T15:40',
    ],
    [
      'half an hour twice',
      'Australia/Lord_Howe',
      '45 1 * * *',
      '2024-04-05T20:00Z',
      '2024-04-06T15:15',
    ],
    [
      'a whole day left out',
      'Pacific/Apia',
      '0 12 30 12 *',
      '2011-12-29T00:00Z',
      '2011-12-30T22:00',
    ],
    [
      'midnight left out',
      'America/Sao_Paulo',
      '0 0 * * *',
      '2018-11-03T12:00Z',
      '2018-11-04T03:00',
    ],
    ['a fixed offset', '+05:30', '0 0 * * *', '2024-01-01T00:00Z', '2024-01-01T18:30'],
    [
      'seconds in the offset',
      'Africa/Monrovia',
      '0 0 * * *',
      '1971-06-01T12:00Z',
      '1971-06-02T00:44',
    ],
  ])('%s: %s', (_, zone, expression, after, expected) => {
    expect(firstTicks(expression, zone, after, 1)).toEqual([expected]);
  });
});

describe('searches end', () => {
  test('at the end of the years that timestamps can carry', () => {
    const daily = createCronTicks('@daily', '');
    expect(nextTick(daily, Date.UTC(9999, 11, 31))).toBeUndefined();
    expect(prevTick(daily, Date.parse('0001-01-01T00:00:00Z'))).toBeUndefined();
    expect(nextTick(daily, Number.POSITIVE_INFINITY)).toBeUndefined();
  });

  test('for the rarest date in the busiest zone', () => {
    const rare = createCronTicks('30 2 * 2 1#5', 'Africa/Casablanca');
    expect(new Date(nextTick(rare, 0) ?? 0).toISOString()).toBe('1988-02-29T02:30:00.000Z');
  });
});

// Every window holds at least one change of the clock, or is an ordinary stretch with a month's or
// year's end.
const ZONES_AND_DAYS: readonly (readonly [string, readonly string[]])[] = [
  ['UTC', ['1999-12-31', '2000-02-28', '2038-01-19']],
  ['Europe/Zurich', ['1990-03-25', '1995-09-24', '2023-03-26', '2023-10-29', '2040-03-25']],
  ['America/Los_Angeles', ['1991-04-07', '2007-03-11', '2020-03-08', '2020-11-01', '2039-11-06']],
  ['Australia/Lord_Howe', ['1995-09-24', '2024-04-06', '2024-10-05', '2039-10-01']],
  ['America/Sao_Paulo', ['2018-02-17', '2018-11-04', '2019-02-16']],
  ['Africa/Casablanca', ['2019-05-05', '2024-03-10', '2024-04-14', '2030-12-20']],
  ['Asia/Kathmandu', ['1990-01-01', '2024-02-28']],
  ['Pacific/Apia', ['2011-12-29', '2012-03-31', '2020-04-04']],
  ['Africa/Cairo', ['2010-08-10', '2014-05-15', '2023-04-27', '2023-10-26']],
  ['Asia/Pyongyang', ['2015-08-14', '2018-05-04']],
  ['America/Caracas', ['2007-12-09', '2016-05-01']],
  ['Antarctica/Troll', ['2023-03-26', '2023-10-29']],
  ['America/St_Johns', ['2006-04-02', '2006-10-29']],
];

const EXPRESSIONS = [
  ...['* * * * *', '*/5 * * * *', '0 * * * *', '30 * * * *', '59 * * * *', '7,43 * * * *'],
  ...['0 */2 * * *', '*/15 */3 * * *', '30 1 * * *', '30 2 * * *', '0 3 * * *', '15,45 1-3 * * *'],
  ...['0 0 * * *', '59 23 * * *', '0 0,12 * * *', '*/7 0-4 * * *', '* 2 * * *', '10,35 2,23 * * *'],
  ...['0 0 1 * *', '30 2 L * *', '0 2 * * 0', '30 1 * * 7', '0 * * * 0', '0 */6 29-31 * *'],
  ...[
    '0 1 1-7 * 6',
    '30 2 * 3,10 *',
    '15 2 * * 0#1',
    '15 2 * * 0L',
    '0 0 28,29 2 *',
    '5 4 30 12 *',
  ],
];

describe('against a scan of every minute', () => {
  test.each(ZONES_AND_DAYS)('%s', (zone, days) => {
    for (const day of days) {
      const window: Window = { zone, fromMs: Date.parse(day) - 86_400_000, minutes: 3 * 1_440 };
      const scan = scanMinutes(window);
      for (const expression of EXPRESSIONS) {
        const expected = scan(expression);
        const what = `${expression} in ${zone} around ${day}`;
        expect(forwards(expression, window), what).toEqual(expected);
        expect(backwards(expression, window), `${what}, backwards`).toEqual(expected);
      }
    }
  });

  test('an instant between ticks aligns to its neighbours, a tick to itself', () => {
    const ticks = createCronTicks('30 2 * * *', 'Europe/Zurich');
    const [first, second] = [Date.parse('2023-03-26T01:30Z'), Date.parse('2023-03-27T00:30Z')];
    for (const betweenMs of [first + 1, second - 1, second - 60_000]) {
      expect(tickAtOrAfter(ticks, betweenMs)).toBe(second);
      expect(tickAtOrBefore(ticks, betweenMs)).toBe(first);
    }
    expect(tickAtOrAfter(ticks, first)).toBe(first);
    expect(tickAtOrBefore(ticks, second)).toBe(second);
  });
});

function forwards(expression: string, { zone, fromMs, minutes }: Window): number[] {
  const ticks = createCronTicks(expression, zone);
  const found: number[] = [];
  let atMs = nextTick(ticks, fromMs - 1);
  while (atMs !== undefined && atMs < fromMs + minutes * 60_000) {
    found.push(atMs);
    atMs = nextTick(ticks, atMs);
  }
  return found;
}

function backwards(expression: string, { zone, fromMs, minutes }: Window): number[] {
  const ticks = createCronTicks(expression, zone);
  const found: number[] = [];
  let atMs = prevTick(ticks, fromMs + minutes * 60_000);
  while (atMs !== undefined && atMs >= fromMs) {
    found.push(atMs);
    atMs = prevTick(ticks, atMs);
  }
  return found.reverse();
}
