// How long a backfill still takes: rounds of runs, each as long as a run took until now.
import { describe, expect, test } from 'vitest';
import { remainingMs } from './remaining.ts';

describe('a backfill still takes', () => {
  test.each([
    { leftCount: 0, activeRunsMax: 2, meanMs: 60_000, expected: 0 },
    { leftCount: 1, activeRunsMax: 2, meanMs: 60_000, expected: 60_000 },
    { leftCount: 5, activeRunsMax: 2, meanMs: 60_000, expected: 180_000 },
    { leftCount: 11, activeRunsMax: 0, meanMs: 1_000, expected: 2_000 },
  ])('$expected ms with $leftCount left, $activeRunsMax at once', ({ expected, ...given }) => {
    expect(remainingMs(given)).toBe(expected);
  });

  test('nobody knows how long while no run has ended', () => {
    expect(remainingMs({ leftCount: 5, activeRunsMax: 2, meanMs: undefined })).toBeUndefined();
  });
});
