// Every kind of schedule can be written in YAML.
import { expect, test } from 'vitest';
import { dagOf } from './test-yaml.ts';

function scheduled(schedule: string) {
  return dagOf(`dag_id: x\nschedule: ${schedule}\ntasks: { a: { handler: h } }\n`);
}

test.each([
  ['"@continuous"', { continuous: {} }],
  [
    '["0 6 * * *", "0 18 * * 1-5"]',
    { multiple_cron: { expressions: ['0 6 * * *', '0 18 * * 1-5'] } },
  ],
  [
    '{ cron: "0 6 * * *", timezone: Europe/Zurich, look_back: 1d, run_immediately: 10m }',
    {
      cron: {
        expression: '0 6 * * *',
        timezone: 'Europe/Zurich',
        look_back: '86400s',
        run_immediately: 'RUN_IMMEDIATELY_WITHIN',
        run_immediately_within: '600s',
      },
    },
  ],
  ['{ months: 1, data_interval: true }', { delta: { months: 1, data_interval: true } }],
  [
    '{ events: [2026-01-01, 2026-03-01T06:00Z], restrict_to_events: true }',
    {
      events: {
        instants: ['2026-01-01T00:00:00Z', '2026-03-01T06:00:00Z'],
        restrict_to_events: true,
      },
    },
  ],
  [
    '{ workdays: { timezone: Europe/Zurich, holidays: ["2026-08-01"] } }',
    { workday: { timezone: 'Europe/Zurich', holidays: ['2026-08-01'] } },
  ],
  [
    '{ assets: [orders, { any: [prices, { alias: rates }] }] }',
    {
      asset: {
        condition: {
          all: {
            expressions: [
              { asset: { name: 'orders' } },
              { any: { expressions: [{ asset: { name: 'prices' } }, { alias: 'rates' }] } },
            ],
          },
        },
      },
    },
  ],
  [
    '{ assets: orders, time: "@daily" }',
    {
      asset_or_time: {
        condition: { asset: { name: 'orders' } },
        time: { cron: { expression: '@daily' } },
      },
    },
  ],
  [
    '{ assets: orders, partitions: { orders: daily } }',
    {
      partitioned_asset: {
        condition: { asset: { name: 'orders' } },
        mappers: { orders: { kind: 'PARTITION_MAPPER_KIND_DAILY' } },
      },
    },
  ],
  [
    '{ partition_cron: "@hourly", run_offset: -1, key_format: "%Y-%m-%dT%H" }',
    { cron_partition: { expression: '@hourly', run_offset: -1, key_format: '%Y-%m-%dT%H' } },
  ],
])('%s', (schedule, timetable) => {
  expect(scheduled(schedule)).toMatchObject({ timetable });
});
