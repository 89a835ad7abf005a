// Chance within limits.
import { describe, expect, it } from 'vitest';
import { backoffMs, jittered, randomToken, uuidV7 } from './random.ts';

describe('a version 7 UUID', () => {
  it('has the layout of RFC 9562: its example, but for the random bits', () => {
    // RFC 9562, A.6: 2022-02-22 19:22:22 UTC is 017F22E2-79B0-7….
    const id = uuidV7(1_645_557_742_000);
    expect(id).toMatch(/^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('sorts by the millisecond it was made in, and never comes twice', () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => uuidV7(1_000 + index));
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(Array.from({ length: 1_000 }, () => uuidV7(5))).size).toBe(1_000);
  });
});

describe('a token', () => {
  it('has as many bytes as asked for, in base64url', () => {
    expect(randomToken()).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(Buffer.from(randomToken(9), 'base64url')).toHaveLength(9);
  });
});

describe('a pause before another try', () => {
  it('doubles up to its limit, give or take half', () => {
    for (const [attempt, centreMs] of [
      [0, 10],
      [1, 20],
      [4, 160],
      [5, 200],
      [1_000, 200],
    ] as const) {
      const ms = backoffMs({ attempt, firstMs: 10, maxMs: 200 });
      expect(ms).toBeGreaterThanOrEqual(centreMs / 2);
      expect(ms).toBeLessThanOrEqual(centreMs * 1.5);
    }
  });

  it('is spread, so that retries do not march in step', () => {
    expect(new Set(Array.from({ length: 50 }, () => jittered(1_000))).size).toBeGreaterThan(40);
  });
});

it('ids of one millisecond stand in the order they were made in', () => {
  const ids = Array.from({ length: 10_000 }, () => uuidV7(1_767_225_600_000));
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});
