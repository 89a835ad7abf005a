// The rules of Airflow's timetables, as rows: its documented behaviour.
import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { TimetableSchema } from '#gen/dagmesh/dag/v1/timetable_pb.ts';
import { type CompiledTimetable, parseTimetable, planRun } from './timetable.ts';

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;

function cron(expression: string, dataInterval: boolean, timezone = ''): CompiledTimetable {
  const value = { expression, timezone, dataInterval };
  return parseTimetable(create(TimetableSchema, { kind: { case: 'cron', value } }));
}

function delta(seconds: number, dataInterval: boolean): CompiledTimetable {
  const value = { delta: { seconds: BigInt(seconds) }, dataInterval };
  return parseTimetable(create(TimetableSchema, { kind: { case: 'delta', value } }));
}

function once(): CompiledTimetable {
  return parseTimetable(create(TimetableSchema, { kind: { case: 'once', value: {} } }));
}

/** `09-06T16:30` is in 2021, as in Airflow's own tests; a year may stand before it. */
function at(text: string): number {
  const day = text.split('T')[0] ?? '';
  const clock = text.split('T')[1] ?? '00:00';
  const date = day.length === 5 ? `2021-${day}` : day;
  return Date.parse(`${date}T${clock.length === 2 ? `${clock}:00` : clock}Z`);
}

type Question = { last?: string; start?: string; end?: string; catchup?: boolean; now: string };

function ask(timetable: CompiledTimetable, question: Question) {
  const instant = (text: string | undefined) => (text === undefined ? undefined : at(text));
  return planRun(timetable, {
    lastIntervalEndMs: instant(question.last),
    startMs: instant(question.start),
    endMs: instant(question.end),
    catchup: question.catchup ?? false,
    nowMs: at(question.now),
  });
}

function interval(start: string, end: string) {
  return {
    logicalDateMs: at(start),
    intervalStartMs: at(start),
    intervalEndMs: at(end),
    runAfterMs: at(end),
  };
}

function point(instant: string) {
  return interval(instant, instant);
}

describe('interval timetables', () => {
  const daily = cron('30 16 * * *', true);
  const latestDay = interval('09-06T16:30', '09-07T16:30');

  test.each([
    { last: undefined, catchup: false },
    { last: '09-05', catchup: false },
    { last: '09-07', catchup: false },
    { last: '09-07', catchup: true },
  ])(
    'a daily schedule whose last interval ended at $last aligns to its tick, catchup $catchup',
    (row) => {
      expect(ask(daily, { ...row, start: '09-06', now: '09-07' })).toEqual(latestDay);
    },
  );

  test.each([
    ['cron', cron('@hourly', true)],
    ['delta', delta(HOUR_S, true)],
  ])('an hourly %s without catchup runs the latest complete hour', (_, hourly) => {
    const answer = ask(hourly, { start: '09-04', now: '09-07T00' });
    expect(answer).toEqual(interval('09-06T23', '09-07T00'));
  });

  test('between two ticks the latest complete interval is the one before the last tick', () => {
    const answer = ask(cron('@hourly', true), { now: '09-07T00:30' });
    expect(answer).toEqual(interval('09-06T23', '09-07T00'));
  });

  test.each([
    ['cron', cron('@hourly', true)],
    ['delta', delta(HOUR_S, true)],
  ])('an hourly %s with catchup follows its last interval', (_, hourly) => {
    const answer = ask(hourly, { last: '09-05T00', start: '09-04', catchup: true, now: '09-07' });
    expect(answer).toEqual(interval('09-05T00', '09-05T01'));
  });

  test('with catchup a delta starts exactly at the start date', () => {
    const answer = ask(delta(HOUR_S, true), { start: '09-04T00:07', catchup: true, now: '09-07' });
    expect(answer).toEqual(interval('09-04T00:07', '09-04T01:07'));
  });

  test('a last interval off the beat is followed from the tick before its end', () => {
    const question = {
      last: '2022-08-08T01',
      start: '2022-08-01',
      catchup: true,
      now: '2022-08-09',
    };
    expect(ask(cron('@daily', true), question)).toEqual(interval('2022-08-08', '2022-08-09'));
  });

  test('catchup without a start date has nowhere to begin', () => {
    expect(ask(cron('@daily', true), { catchup: true, now: '09-07' })).toBeUndefined();
    expect(ask(delta(DAY_S, true), { catchup: true, now: '09-07' })).toBeUndefined();
  });

  test('start and end are inclusive and compared with the start of the interval', () => {
    const bounded = { start: '09-05', end: '09-06', catchup: true, now: '09-09' };
    expect(ask(cron('@daily', true), bounded)).toEqual(interval('09-05', '09-06'));
    expect(ask(cron('@daily', true), { ...bounded, last: '09-06' })).toEqual(
      interval('09-06', '09-07'),
    );
    expect(ask(cron('@daily', true), { ...bounded, last: '09-07' })).toBeUndefined();
  });
});

describe('trigger timetables', () => {
  test.each([
    { last: undefined, expected: '09-06T16:30' },
    { last: '09-06T16:30', expected: '09-07T16:30' },
    { last: '09-07T16:30', expected: '09-08T16:30' },
  ])('a daily cron without catchup, last run $last, next runs at $expected', (row) => {
    const answer = ask(cron('30 16 * * *', false), {
      last: row.last,
      start: '09-06',
      now: '09-07',
    });
    expect(answer).toEqual(point(row.expected));
  });

  test.each([
    { last: undefined, expected: '09-07T00' },
    { last: '09-06T16:30', expected: '09-07T16:30' },
  ])('a daily delta without catchup, last run $last, next runs at $expected', (row) => {
    const answer = ask(delta(DAY_S, false), { last: row.last, start: '09-06', now: '09-07' });
    expect(answer).toEqual(point(row.expected));
  });

  test.each([
    { now: '2022-07-27T00:00', cronAt: '2022-07-27T00:00', deltaAt: '2022-07-27T00:00' },
    { now: '2022-07-27T00:30', cronAt: '2022-07-27T00:00', deltaAt: '2022-07-27T00:30' },
    { now: '2022-07-27T01:00', cronAt: '2022-07-27T01:00', deltaAt: '2022-07-27T01:00' },
    { now: '2022-07-27T01:30', cronAt: '2022-07-27T01:00', deltaAt: '2022-07-27T01:30' },
  ])('after a long pause an hourly schedule asked at $now skips to the latest', (row) => {
    const question = { last: '09-05', start: '09-01', now: row.now };
    expect(ask(cron('@hourly', false), question)).toEqual(point(row.cronAt));
    expect(ask(delta(HOUR_S, false), question)).toEqual(point(row.deltaAt));
  });

  test('a start date in the far future is waited for', () => {
    const question = { last: '09-05', start: '2199-12-31T22:30', now: '2022-07-27' };
    expect(ask(cron('@hourly', false), question)).toEqual(point('2199-12-31T23:00'));
    expect(ask(delta(HOUR_S, false), question)).toEqual(point('2199-12-31T22:30'));
  });

  test.each([
    { last: '09-06T00:00', start: '09-01', cronAt: '09-06T01:00', deltaAt: '09-06T01:00' },
    { last: '09-06T00:30', start: '09-01', cronAt: '09-06T01:00', deltaAt: '09-06T01:30' },
    { last: undefined, start: '09-06T00:00', cronAt: '09-06T00:00', deltaAt: '09-06T00:00' },
    { last: undefined, start: '09-06T00:30', cronAt: '09-06T01:00', deltaAt: '09-06T00:30' },
  ])('with catchup an hourly schedule goes on from last $last, start $start', (row) => {
    const question = { last: row.last, start: row.start, catchup: true, now: '09-20' };
    expect(ask(cron('@hourly', false), question)).toEqual(point(row.cronAt));
    expect(ask(delta(HOUR_S, false), question)).toEqual(point(row.deltaAt));
  });

  test.each([
    { now: '09-07T03:05', expected: '09-07T03:00' },
    { now: '09-07T05:23', expected: '09-07T03:00' },
    { now: '09-07T05:25', expected: '09-08T03:00' },
  ])('without a start date a daily schedule seen at $now first runs at $expected', (row) => {
    const threeOClock = cron('0 3 * * *', false);
    expect(ask(threeOClock, { catchup: true, now: row.now })).toEqual(point(row.expected));
    expect(ask(threeOClock, { catchup: false, now: row.now })).toEqual(point(row.expected));
  });

  test('start and end are inclusive', () => {
    const bounded = { start: '09-05T03:00', end: '09-06T03:00', catchup: true, now: '09-09' };
    const threeOClock = cron('0 3 * * *', false);
    expect(ask(threeOClock, bounded)).toEqual(point('09-05T03:00'));
    expect(ask(threeOClock, { ...bounded, last: '09-05T03:00' })).toEqual(point('09-06T03:00'));
    expect(ask(threeOClock, { ...bounded, last: '09-06T03:00' })).toBeUndefined();
  });
});

describe('once', () => {
  test.each([true, false])('runs at the start date, catchup %s', (catchup) => {
    expect(ask(once(), { start: '09-01', catchup, now: '09-07' })).toEqual(point('09-01'));
  });

  test('runs at once without a start date', () => {
    expect(ask(once(), { now: '09-07T12:34' })).toEqual(point('09-07T12:34'));
  });

  test('never runs again, nor after the end', () => {
    expect(ask(once(), { last: '09-01', start: '09-01', now: '09-07' })).toBeUndefined();
    expect(ask(once(), { start: '09-08', end: '09-07', now: '09-07' })).toBeUndefined();
  });
});

// From Airflow's tests of its timetables around changes of the clock.
describe('changes of the clock', () => {
  test.each([
    ['Europe/Zurich', '0 3 * * *', '2023-03-24T02 2023-03-25T02 2023-03-26T01 2023-03-27T01'],
    ['Europe/Zurich', '0 2 * * *', '2023-03-25T01 2023-03-26T01 2023-03-27T00'],
    ['Europe/Zurich', '0 2 * * *', '2023-10-28T00 2023-10-29T01 2023-10-30T01'],
    ['Europe/Zurich', '0 3 * * *', '2023-10-28T01 2023-10-29T02'],
    [
      'America/Los_Angeles',
      '0 7-8 * * *',
      '2020-03-07T15 2020-03-07T16 2020-03-08T14 2020-03-08T15',
    ],
    // The hour that comes twice runs twice, the hour that is left out does not run.
    ['Europe/Zurich', '0 * * * *', '2023-10-28T23 2023-10-29T00 2023-10-29T01 2023-10-29T02'],
    ['Europe/Zurich', '0 * * * *', '2023-03-25T23 2023-03-26T00 2023-03-26T01 2023-03-26T02'],
  ])('%s "%s" covers %s', (timezone, expression, ticks) => {
    const [start, ...ends] = ticks.split(' ');
    const covered = [start];
    for (const _ of ends) {
      const last = covered.at(-1);
      const question = { last, start, catchup: true, now: '2024-01-01' };
      const run = ask(cron(expression, true, timezone), { ...question, last });
      expect(run?.intervalStartMs).toBe(at(last ?? ''));
      covered.push(new Date(run?.runAfterMs ?? 0).toISOString().slice(0, 13));
    }
    expect(covered).toEqual([start, ...ends]);
  });
});
