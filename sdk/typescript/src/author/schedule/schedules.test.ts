// Every kind of schedule in the form in which it leaves the author's file.
import { toJson } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { TimetableSchema } from '../../gen/dagmesh/dag/v1/timetable_pb.ts';
import {
  allOf,
  anyOf,
  asset,
  assetAlias,
  assetOrTime,
  assetRef,
  continuous,
  cron,
  cronPartition,
  events,
  every,
  mapper,
  multipleCron,
  once,
  partitioned,
  type ScheduleOption,
  workday,
} from '../../index.ts';
import { declared, refusal } from '../../testkit/declared.ts';

const rain = asset('rain', { uri: 's3://bucket/rain' });
const sun = asset('sun');
const rainRef = { asset: { name: 'rain', uri: 's3://bucket/rain' } };
const sunRef = { asset: { name: 'sun', uri: 'sun' } };

test.each<[string, () => ScheduleOption, unknown]>([
  [
    'seconds as a sixth field',
    () => cron('0 0 * * * 30'),
    { cron: { expression: '0 0 * * * 30' } },
  ],
  [
    'years as a seventh',
    () => cron('0 0 * * * 30 2030-2035'),
    { cron: { expression: '0 0 * * * 30 2030-2035' } },
  ],
  [
    'a cron with a look-back',
    () => cron('@daily', { lookBack: '1d', timezone: '+05:30' }),
    { cron: { expression: '@daily', timezone: '+05:30', lookBack: '86400s' } },
  ],
  [
    'a first run at once',
    () => cron('@daily', { runImmediately: true }),
    { cron: { expression: '@daily', runImmediately: 'RUN_IMMEDIATELY_ALWAYS' } },
  ],
  [
    'no first run at once',
    () => cron('@daily', { runImmediately: false }),
    { cron: { expression: '@daily', runImmediately: 'RUN_IMMEDIATELY_NEVER' } },
  ],
  [
    'a first run within an hour',
    () => cron('@daily', { runImmediately: '1h' }),
    {
      cron: {
        expression: '@daily',
        runImmediately: 'RUN_IMMEDIATELY_WITHIN',
        runImmediatelyWithin: '3600s',
      },
    },
  ],
  [
    'several crons',
    () => multipleCron(['0 9 * * mon', ' 0 18 * * fri '], { timezone: 'Europe/Berlin' }),
    { multipleCron: { expressions: ['0 9 * * mon', '0 18 * * fri'], timezone: 'Europe/Berlin' } },
  ],
  ['calendar months', () => every({ months: 3 }), { delta: { months: 3 } }],
  [
    'steps with a look-back',
    () => every('1h', { lookBack: '2h' }),
    { delta: { delta: '3600s', lookBack: '7200s' } },
  ],
  ['once', () => once(), { once: {} }],
  ['without pause', () => continuous(), { continuous: {} }],
  ['without pause, as a preset', () => '@continuous', { continuous: {} }],
  [
    'a list of instants',
    () => events(['2026-01-01', new Date('2026-05-01T06:00Z')], { restrictToEvents: true }),
    {
      events: {
        instants: ['2026-01-01T00:00:00Z', '2026-05-01T06:00:00Z'],
        restrictToEvents: true,
      },
    },
  ],
  [
    'working days',
    () => workday({ timezone: 'Europe/Oslo', holidays: ['2026-12-25'] }),
    { workday: { timezone: 'Europe/Oslo', holidays: ['2026-12-25'] } },
  ],
  [
    'partitions of a cron',
    () => cronPartition('@hourly', { runOffset: -1, keyFormat: '%Y-%m-%dT%H' }),
    { cronPartition: { expression: '@hourly', runOffset: -1, keyFormat: '%Y-%m-%dT%H' } },
  ],
  ['one asset', () => rain, { asset: { condition: rainRef } }],
  [
    'a list of assets means all',
    () => [rain, sun],
    { asset: { condition: { all: { expressions: [rainRef, sunRef] } } } },
  ],
  [
    'conditions in conditions',
    () => anyOf(assetAlias('weather'), allOf(rain, assetRef({ uri: 's3://x' }))),
    {
      asset: {
        condition: {
          any: {
            expressions: [
              { alias: 'weather' },
              { all: { expressions: [rainRef, { asset: { uri: 's3://x' } }] } },
            ],
          },
        },
      },
    },
  ],
  [
    'assets or time',
    () => assetOrTime('@daily', rain),
    { assetOrTime: { condition: rainRef, time: { cron: { expression: '@daily' } } } },
  ],
  [
    'partition by partition',
    () =>
      partitioned([rain], {
        mappers: { rain: mapper.chain(mapper.daily({ timezone: 'UTC' }), mapper.allowed('a')) },
        defaultMapper: mapper.constant('all'),
      }),
    {
      partitionedAsset: {
        condition: { all: { expressions: [rainRef] } },
        mappers: {
          rain: {
            kind: 'PARTITION_MAPPER_KIND_CHAIN',
            chain: [
              { kind: 'PARTITION_MAPPER_KIND_DAILY', timezone: 'UTC' },
              { kind: 'PARTITION_MAPPER_KIND_ALLOWED', allowedKeys: ['a'] },
            ],
          },
        },
        defaultMapper: { kind: 'PARTITION_MAPPER_KIND_CONSTANT', constantKey: 'all' },
      },
    },
  ],
])('%s', (_, schedule, expected) => {
  const { timetable } = declared(() => undefined, { schedule: schedule() });
  expect(timetable && toJson(TimetableSchema, timetable)).toEqual(expected);
});

test('the assets that schedules and tasks name are described once', () => {
  const spec = declared(
    (d) => {
      d.task(
        'make',
        { outlets: [rain, sun, assetAlias('w')], inlets: [assetRef({ name: 'q' })] },
        () => 1,
      );
    },
    { schedule: assetOrTime('@daily', anyOf(rain)) },
  );
  expect(spec.assets.map(({ name, uri }) => [name, uri])).toEqual([
    ['rain', 's3://bucket/rain'],
    ['sun', 'sun'],
  ]);
  expect(spec.tasks[0]?.outlets.map(({ kind }) => kind.case)).toEqual(['asset', 'asset', 'alias']);
  expect(spec.tasks[0]?.inlets[0]?.kind).toMatchObject({ value: { name: 'q' } });
});

test('two assets of one name are refused', () => {
  const twin = asset('rain', { uri: 's3://elsewhere' });
  const words = refusal((d) => void d.emptyTask('t', { outlets: [twin] }), { schedule: rain });
  expect(words).toContain('two assets "rain", at s3://bucket/rain and at s3://elsewhere');
});

test.each<[string, () => unknown, RegExp]>([
  ['a reserved scheme', () => asset('x', { uri: 'airflow://x' }), /the scheme airflow: .*reserved/],
  ['no name', () => asset(''), /name of an asset has 1 to 1500 characters/],
  ['two intervals', () => cron('@daily', { dataInterval: true, lookBack: '1d' }), /two ways/],
  ['no months', () => every({ months: 0 }), /months is 0/],
  ['no instants', () => events([]), /1 to 10000 instants, not 0/],
  ['no crons', () => multipleCron([]), /1 to 100 expressions, not 0/],
  ['a holiday that is no day', () => workday({ holidays: ['xmas'] }), /"xmas" is no day/],
  ['an offset that is none', () => cron('@daily', { timezone: '+25:00' }), /is no time zone/],
  ['half an offset', () => cronPartition('@daily', { runOffset: 0.5 }), /runOffset is 0.5/],
  ['no asset at all', () => declared(() => undefined, { schedule: anyOf() }), /this one has 0/],
  ['something else', () => declared(() => undefined, { schedule: {} as never }), /neither a sche/],
])('a schedule with %s is refused', (_, make, words) => {
  expect(make).toThrow(words);
});
