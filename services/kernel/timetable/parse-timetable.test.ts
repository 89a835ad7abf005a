// What authors may write as a schedule, and what they are told when it is wrong.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { PartitionMapperKind, TimetableSchema } from '#gen/dagmesh/dag/v1/timetable_pb.ts';
import {
  activeRunsLimit,
  canBeScheduled,
  describeTimetable,
  isPeriodic,
  parseTimetable,
  runKeyOf,
  timezoneOf,
} from './timetable.ts';

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
    ['0 0 * * * * 2030 *', 'has 8 fields; it must have five'],
    ['0 0 * * * * 2100', 'the year field of the cron expression cannot be "2100"'],
    ['0 0 * * * 60', 'the second field of the cron expression cannot be "60"'],
    ['@fortnightly', 'there is no schedule preset "@fortnightly"; the presets are @hourly, @daily'],
    ['60 * * * *', 'the minute field of the cron expression cannot be "60"'],
    ['0 24 * * *', 'the hour field of the cron expression cannot be "24"'],
    ['0 22-2/2 * * *', 'the hour field of the cron expression cannot be "22-2/2"'],
    ['0 30-2 * * *', 'the hour field of the cron expression cannot be "30-2"'],
    ['0 0 5-0 * *', 'the day of month field of the cron expression cannot be "5-0"'],
    ['0 5-5 * * *', 'the hour field has the range "5-5", which some read as one value'],
    ['0 0 ? ? *', 'the month field cannot be "?"; ? stands for a day only'],
    ['0 0 0 * *', 'the day of month field of the cron expression cannot be "0"'],
    ['0 0 1 13 0', 'the month field of the cron expression cannot be "13"'],
    ['0 0 * * 8', 'the day of week field of the cron expression cannot be "8"'],
    ['0 0 * * 1#6', 'the day of week field of the cron expression cannot be "1#6"'],
    ['*/0 * * * *', 'the minute field of the cron expression cannot be "*/0"'],
    ['1,,2 * * * *', 'the minute field of the cron expression has an empty item'],
    ['H * * * *', 'the minute field "H" uses H, which is not supported'],
    ['0 0 15W,20 * *', 'the day of month field cannot be "15W,20"; W goes with one day'],
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

const condition = { kind: { case: 'asset', value: { name: 'orders' } } } as const;
const instants = [{ seconds: 86_400n }, { seconds: 0n }, { seconds: 86_400n }];

describe('a schedule is described in a line', () => {
  const schedules: [Kind, string][] = [
    [cron('0 2 * * *', 'Europe/Zurich'), '0 2 * * * (Europe/Zurich)'],
    [cron(' @daily '), '@daily (UTC)'],
    [cron('0 2 * * *', '+02:00'), '0 2 * * * (+02:00)'],
    [cron('@once'), '@once'],
    [{ case: 'once', value: {} }, '@once'],
    [{ case: 'continuous', value: {} }, '@continuous'],
    [cron('@continuous'), '@continuous'],
    [{ case: 'delta', value: { delta: { seconds: 5_400n } } }, 'every 1 h 30 min'],
    [{ case: 'delta', value: { delta: { seconds: 86_401n } } }, 'every 1 d 1 s'],
    [{ case: 'delta', value: { months: 1 } }, 'every month'],
    [{ case: 'delta', value: { months: 14 } }, 'every 14 months'],
    [{ case: 'delta', value: { months: 12 } }, 'every year'],
    [{ case: 'delta', value: { months: 24 } }, 'every 2 years'],
    [
      { case: 'multipleCron', value: { expressions: ['@daily', '0 6 * * 1'], timezone: '+01:00' } },
      '@daily, 0 6 * * 1 (+01:00)',
    ],
    [
      { case: 'events', value: { instants } },
      '2 events between 1970-01-01T00:00:00Z and 1970-01-02T00:00:00Z',
    ],
    [
      { case: 'events', value: { instants: instants.slice(0, 1) } },
      '1 event at 1970-01-02T00:00:00Z',
    ],
    [{ case: 'events', value: { instants, description: 'home matches' } }, 'home matches'],
    [{ case: 'workday', value: {} }, 'after each working day (UTC)'],
    [
      { case: 'workday', value: { holidays: ['2026-12-25'], timezone: 'Europe/Zurich' } },
      'after each working day but 1 holiday (Europe/Zurich)',
    ],
    [{ case: 'asset', value: { condition } }, 'when assets are updated'],
    [
      { case: 'assetOrTime', value: { condition, time: { kind: cron('@daily') } } },
      'when assets are updated, or @daily (UTC)',
    ],
    [{ case: 'cronPartition', value: { expression: '@daily' } }, 'partitions of @daily (UTC)'],
    [
      { case: 'cronPartition', value: { expression: '@daily', runOffset: -1 } },
      'partitions of @daily (UTC), 1 tick before the run',
    ],
    [
      { case: 'cronPartition', value: { expression: '@daily', runOffset: 2 } },
      'partitions of @daily (UTC), 2 ticks after the run',
    ],
    [{ case: 'partitionedAsset', value: { condition } }, 'when partitions of assets are updated'],
  ];

  test.each(schedules.map(([kind, sentence]) => ({ kind, sentence })))('$sentence', (row) => {
    expect(describeTimetable(parse(row.kind))).toBe(row.sentence);
  });
});

describe('what can be told at a glance', () => {
  const orTime: Kind = {
    case: 'assetOrTime',
    value: { condition, time: { kind: cron('@daily', 'Asia/Taipei') } },
  };

  type Glance = { kind: Kind; zone: string; periodic: boolean; timed: boolean };
  const glances: Glance[] = [
    { kind: cron('@daily', 'Asia/Taipei'), zone: 'Asia/Taipei', periodic: true, timed: true },
    { kind: orTime, zone: 'Asia/Taipei', periodic: true, timed: true },
    { kind: cron('@once'), zone: 'UTC', periodic: false, timed: true },
    { kind: cron('@continuous'), zone: 'UTC', periodic: false, timed: true },
    {
      kind: { case: 'asset', value: { condition } },
      zone: 'UTC',
      periodic: false,
      timed: false,
    },
    {
      kind: { case: 'multipleCron', value: { expressions: ['@daily'], timezone: '+01:00' } },
      zone: '+01:00',
      periodic: true,
      timed: true,
    },
    {
      kind: { case: 'workday', value: { timezone: 'Asia/Tokyo' } },
      zone: 'Asia/Tokyo',
      periodic: true,
      timed: true,
    },
    {
      kind: { case: 'cronPartition', value: { expression: '@daily', timezone: 'Asia/Tokyo' } },
      zone: 'Asia/Tokyo',
      periodic: true,
      timed: true,
    },
  ];

  test.each(glances)('of $kind.case in $zone', ({ kind, zone, periodic, timed }) => {
    const timetable = parse(kind);
    expect(timezoneOf(timetable)).toBe(zone);
    expect(isPeriodic(timetable)).toBe(periodic);
    expect(canBeScheduled(timetable)).toBe(timed);
  });

  test('only a continuous schedule bounds the active runs', () => {
    expect(activeRunsLimit(parse(cron('@continuous')))).toBe(1);
    expect(activeRunsLimit(parse(cron('@daily')))).toBeUndefined();
  });

  test('partitions of assets go by the asset’s own mapper, else by the default', () => {
    const timetable = parse({
      case: 'partitionedAsset',
      value: {
        condition,
        mappers: { orders: { kind: PartitionMapperKind.MONTHLY } },
        defaultMapper: { kind: PartitionMapperKind.ALLOWED, allowedKeys: ['ch'] },
      },
    });
    if (timetable.kind !== 'partitioned_asset') throw new Error('another kind');
    expect(runKeyOf(timetable, 'orders', '2026-02-10T14:30:45')).toBe('2026-02');
    expect(runKeyOf(timetable, 'clicks', 'ch')).toBe('ch');
    expect(runKeyOf(timetable, 'clicks', 'fr')).toBeUndefined();
  });
});
