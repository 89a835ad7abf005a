// From a reading of a clock on the wall to the instant, where that is not plain.
import { expect, test } from 'vitest';
import { toInstant, zoneOf } from './zone.ts';

test.each([
  {
    what: 'no change near',
    zone: 'Europe/Zurich',
    wall: '2023-07-01T12:00',
    at: '2023-07-01T10:00',
  },
  {
    what: 'twice, the second',
    zone: 'Europe/Zurich',
    wall: '2023-10-29T02:30',
    at: '2023-10-29T01:30',
  },
  {
    what: 'before what comes twice',
    zone: 'Europe/Zurich',
    wall: '2023-10-29T01:59',
    at: '2023-10-28T23:59',
  },
  { what: 'left out', zone: 'Europe/Zurich', wall: '2023-03-26T02:30', at: '2023-03-26T01:30' },
  {
    what: 'after what is left out',
    zone: 'Europe/Zurich',
    wall: '2023-03-26T03:00',
    at: '2023-03-26T01:00',
  },
  {
    what: 'half an hour left out',
    zone: 'Australia/Lord_Howe',
    wall: '2024-10-06T02:10',
    at: '2024-10-05T15:40',
  },
  {
    what: 'a day left out',
    zone: 'Pacific/Apia',
    wall: '2011-12-30T12:00',
    at: '2011-12-30T22:00',
  },
  { what: 'a fixed offset', zone: '-03:30', wall: '2024-01-01T00:00', at: '2024-01-01T03:30' },
  { what: 'UTC', zone: '', wall: '2024-01-01T00:00', at: '2024-01-01T00:00' },
])('$what: $wall in $zone', ({ zone, wall, at }) => {
  const found = toInstant(zoneOf(zone), Date.parse(`${wall}Z`));
  expect(new Date(found).toISOString().slice(0, 16)).toBe(at);
});
