// A wall clock that is set is believed only when that is safe.
import { expect, test } from 'vitest';
import { believedMs, confirmJump, createWallClock } from './wall-clock.ts';

const HOUR_MS = 3_600_000;

test('a jump ahead is told once and believed when it is still there at the next look', () => {
  const clock = createWallClock({ wallMs: 1_000, monotonicMs: 0 });
  const jumped = { wallMs: 1_010 + HOUR_MS, monotonicMs: 10 };
  expect(believedMs(clock, jumped)).toBe(1_010);
  expect(confirmJump(clock, jumped)).toBe(HOUR_MS);
  expect(believedMs(clock, jumped)).toBe(1_010);
  expect(confirmJump(clock, jumped)).toBeUndefined();
  expect(believedMs(clock, jumped)).toBe(1_010 + HOUR_MS);
});

test('a jump that is taken back was never believed', () => {
  const clock = createWallClock({ wallMs: 1_000, monotonicMs: 0 });
  confirmJump(clock, { wallMs: 1_010 + HOUR_MS, monotonicMs: 10 });
  expect(believedMs(clock, { wallMs: 1_020, monotonicMs: 20 })).toBe(1_020);
  expect(confirmJump(clock, { wallMs: 1_030 + HOUR_MS, monotonicMs: 30 })).toBe(HOUR_MS);
});

test('a clock that is set back, or a little ahead, is believed at once', () => {
  const clock = createWallClock({ wallMs: HOUR_MS, monotonicMs: 0 });
  expect(believedMs(clock, { wallMs: 0, monotonicMs: 10 })).toBe(0);
  expect(believedMs(clock, { wallMs: 60_000, monotonicMs: 20 })).toBe(60_000);
});
