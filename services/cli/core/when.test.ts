// Times as people read them.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { localIso, relative, span } from './when.ts';

const NOON = Date.UTC(2026, 0, 31, 12, 0, 0);

afterEach(() => vi.unstubAllEnvs());

describe('an instant', () => {
  test.each([
    [0, 'just now'],
    [-42_000, '42s ago'],
    [-59 * 60_000, '59m ago'],
    [-25 * 3_600_000, '1d ago'],
    [5 * 60_000 + 1, 'in 5m'],
    [3 * 3_600_000, 'in 3h'],
  ])('%i ms from now is %s', (distanceMs, text) => {
    expect(relative(NOON + distanceMs, NOON)).toBe(text);
  });

  test.each([
    ['UTC', '2026-01-31T12:00:00+00:00'],
    ['Asia/Kolkata', '2026-01-31T17:30:00+05:30'],
    ['America/St_Johns', '2026-01-31T08:30:00-03:30'],
  ])('is written with the offset of %s', (zone, text) => {
    vi.stubEnv('TZ', zone);
    expect(localIso(NOON)).toBe(text);
  });

  test('that is not known is nothing', () => {
    expect([localIso(undefined), relative(undefined, NOON)]).toEqual(['', '']);
  });
});

test.each([
  [-1, '0ms'],
  [38.7, '38ms'],
  [1_449, '1.4s'],
  [59_999, '59.9s'],
  [60_000, '1m00s'],
  [192_000, '3m12s'],
  [7_500_000, '2h05m'],
  [4 * 86_400_000 + 3 * 3_600_000, '4d03h'],
])('a span of %i ms is %s', (ms, text) => {
  expect(span(ms)).toBe(text);
});
