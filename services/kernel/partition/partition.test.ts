// The partition of a DAG is stored with its rows: it must be the same for ever, and spread evenly.
import { describe, expect, it } from 'vitest';
import { PARTITIONS_COUNT, partitionOf } from './partition.ts';

describe('a partition', () => {
  it('is the same as in every version before', () => {
    // FNV-1a's published test vectors (32 bit): '' 811c9dc5, 'a' e40c292c, 'foobar' bf9cf968;
    // folded by hand.
    expect(partitionOf('')).toBe(fold(0x811c9dc5));
    expect(partitionOf('a')).toBe(fold(0xe40c292c));
    expect(partitionOf('foobar')).toBe(fold(0xbf9cf968));
  });

  it('has its share of DAGs whose names differ in a number only', () => {
    const counts = Array.from({ length: PARTITIONS_COUNT }, () => 0);
    for (let index = 0; index < 25_600; index += 1) {
      const partition = partitionOf(`team_a.daily_report_${index}`);
      counts[partition] = (counts[partition] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(50);
    expect(Math.max(...counts)).toBeLessThan(150);
  });
});

/** Exclusive or of the four bytes. */
function fold(hash: number): number {
  return [24, 16, 8, 0].reduce((byte, shift) => byte ^ ((hash >>> shift) & 0xff), 0);
}
