// What authors may write as a schedule, and what they are told when it is wrong.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { TimetableSchema } from '#gen/dagmesh/dag/v1/timetable_pb.ts';
import { describeTimetable, parseTimetable } from './timetable.ts';

type Kind = MessageInitShape<typeof TimetableSchema>['kind'];

function parse(kind: Kind) {
  return parseTimetable(create(TimetableSchema, { kind }));
}

function cron(expression: string, timezone = ''): Kind {
  return { case: 'cron', value: { expression, timezone } };
}

describe('a wrong schedule is refused with a sentence', () => {
  test.each([
    ['', 'the cron expression "" has 0 fields; it must have five'],
    ['* * * *', 'has 4 fields; it must have five'],
    ['0 0 * * * *', 'has 6 fields; it must have five'],
    ['@fortnightly', 'there is no schedule preset "@fortnightly"; the presets are @hourly, @daily'],
    ['60 * * * *', 'the minute field of the cron expression cannot be "60"'],
    ['0 24 * * *', 'the hour field of the cron expression cannot be "24"'],
    ['0 22-2 * * *', 'the hour field of the cron expression cannot be "22-2"'],
    ['0 0 0 * *', 'the day of month field of the cron expression cannot be "0"'],
    ['0 0 1 13 0', 'the month field of the cron expression cannot be "13"'],
    ['0 0 * * 8', 'the day of week field of the cron expression cannot be "8"'],
    ['0 0 * * 1#6', 'the day of week field of the cron expression cannot be "1#6"'],
    ['*/0 * * * *', 'the minute field of the cron expression cannot be "*/0"'],
    ['1,,2 * * * *', 'the minute field of the cron expression has an empty item'],
    ['H * * * *', 'the minute field "H" uses H, which is not supported'],
    ['0 0 15W * *', 'the day of month field of the cron expression cannot be "15W"'],
    ['0 0 31 2 *', 'the cron expression never matches'],
    ['0 0 31 4,6,9,11 *', 'the cron expression never matches'],
    ['every day at noon please', 'the minute field of the cron expression cannot be "every"'],
  ])('cron "%s"', (expression, sentence) => {
    expect(() => parse(cron(expression))).toThrow(sentence);
  });

  test.each(['Europe/Zurick', 'Mars/Base', '2020-01-01T00:00Z', '../etc/passwd'])(
    'zone "%s"',
    (zone) => {
      expect(() => parse(cron('@daily', zone))).toThrow(`there is no time zone "${zone}"`);
    },
  );

  test.each([0n, -60n])('a distance of %s seconds', (seconds) => {
    const kind: Kind = { case: 'delta', value: { delta: { seconds } } };
    expect(() => parse(kind)).toThrow('it must be positive');
  });

  test('no schedule at all', () => {
    expect(() => parse(undefined)).toThrow('the timetable is empty');
    expect(() => parse({ case: 'delta', value: {} })).toThrow('it must be positive');
  });
});

describe('a schedule is described in a line', () => {
  const schedules: [Kind, string][] = [
    [cron('0 2 * * *', 'Europe/Zurich'), '0 2 * * * (Europe/Zurich)'],
    [cron(' @daily '), '@daily (UTC)'],
    [cron('0 2 * * *', '+02:00'), '0 2 * * * (+02:00)'],
    [cron('@once'), '@once'],
    [{ case: 'once', value: {} }, '@once'],
    [{ case: 'delta', value: { delta: { seconds: 5_400n } } }, 'every 1 h 30 min'],
    [{ case: 'delta', value: { delta: { seconds: 86_401n } } }, 'every 1 d 1 s'],
  ];

  test.each(schedules.map(([kind, sentence]) => ({ kind, sentence })))('$sentence', (row) => {
    expect(describeTimetable(parse(row.kind))).toBe(row.sentence);
  });
});
