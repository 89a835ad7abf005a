// How long a failed try waits before the next: the formula's values, and Airflow's bounds.
import { describe, expect, it } from 'vitest';
import { retryDelayMs } from '../../services/scheduler/core/attempt/retry-delay.ts';
import { tablesOf } from './play/tables.ts';

type Wait = {
  readonly name: string;
  readonly delay_s: number;
  readonly multiplier: number;
  readonly try: number;
  /** max_retry_delay; null when there is none. */
  readonly max_s: number | null;
};
type Row = Wait & { readonly logical_date: string | null; readonly wait_s: number };
type Bounds = Wait & { readonly least_s: number; readonly most_s: number };

describe.each(tablesOf<Row>('retry-delay'))('$title', ({ rows }) => {
  it.each([...rows])('$name', (row) => {
    const date = row.logical_date === null ? undefined : Date.parse(row.logical_date);
    expect(waitS(row, date)).toBe(row.wait_s);
  });
});

describe.each(tablesOf<Bounds>('retry-delay-bounds'))('$title', ({ rows }) => {
  it.each([...rows])('$name', (row) => {
    for (let day = 1; day <= 28; day++) {
      const wait = waitS(row, Date.UTC(2026, 1, day));
      expect(wait).toBeGreaterThanOrEqual(row.least_s);
      expect(wait).toBeLessThanOrEqual(row.most_s);
    }
  });
});

function waitS(row: Wait, logicalDateMs: number | undefined): number {
  const rule = {
    delayMs: row.delay_s * 1_000,
    exponentialBackoff: row.multiplier,
    delayMaxMs: row.max_s === null ? undefined : row.max_s * 1_000,
  };
  const failed = { dagId: 'd', taskId: 't', logicalDateMs, tryNumber: row.try };
  return retryDelayMs(rule, failed) / 1_000;
}
