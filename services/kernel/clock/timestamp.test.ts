// Instants and spans in protobuf's form; the examples are protobuf's own.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromDuration, fromTimestamp, toDuration, toTimestamp } from './timestamp.ts';

describe('an instant', () => {
  it('counts nanoseconds upward from the second below, also before 1970', () => {
    expect(toTimestamp(-1)).toMatchObject({ seconds: -1n, nanos: 999_000_000 });
    expect(toTimestamp(1_500)).toMatchObject({ seconds: 1n, nanos: 500_000_000 });
  });

  it('comes back as it went, to the millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (ms) => {
        expect(fromTimestamp(toTimestamp(ms))).toBe(ms);
      }),
    );
  });

  it('never has a billion nanoseconds, however close to the next second it is', () => {
    expect(toTimestamp(999.9999999)).toMatchObject({ seconds: 1n, nanos: 0 });
  });

  it('may be absent', () => {
    expect(fromTimestamp(undefined)).toBeUndefined();
    expect(fromDuration(undefined)).toBeUndefined();
  });
});

describe('a span', () => {
  it('has seconds and nanoseconds of the same sign', () => {
    expect(toDuration(-1_500)).toMatchObject({ seconds: -1n, nanos: -500_000_000 });
    expect(toDuration(-1)).toMatchObject({ seconds: 0n, nanos: -1_000_000 });
  });

  it('comes back as it went', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ms) => {
        expect(fromDuration(toDuration(ms))).toBe(ms);
      }),
    );
  });
});
