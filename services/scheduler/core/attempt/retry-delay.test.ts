// Golden numbers: computed with Airflow's formula, independently of this code.
import { expect, test } from 'vitest';
import { retryDelayMs } from './retry-delay.ts';

const newYear = Date.UTC(2024, 0, 1);

test.each([
  { delayS: 300, multiplier: 2, tryNumber: 1, logicalDateMs: newYear, expectedS: 521 },
  { delayS: 300, multiplier: 2, tryNumber: 2, logicalDateMs: newYear, expectedS: 817 },
  { delayS: 300, multiplier: 2, tryNumber: 3, logicalDateMs: newYear, expectedS: 1518 },
  { delayS: 300, multiplier: 2, tryNumber: 1, logicalDateMs: undefined, expectedS: 313 },
  { delayS: 240, multiplier: 5, tryNumber: 2, logicalDateMs: newYear, expectedS: 2017 },
  { delayS: 30, multiplier: 2, tryNumber: 9, maxS: 3600, logicalDateMs: newYear, expectedS: 3600 },
  { delayS: 0, multiplier: 2, tryNumber: 1, logicalDateMs: newYear, expectedS: 1 },
  { delayS: 30, multiplier: 2, tryNumber: 50, logicalDateMs: newYear, expectedS: 86_400 },
  { delayS: 300, multiplier: 0, tryNumber: 4, logicalDateMs: newYear, expectedS: 300 },
  { delayS: 100, multiplier: 0.5, tryNumber: 3, logicalDateMs: newYear, expectedS: 43 },
])('try $tryNumber with $delayS s times $multiplier waits $expectedS s', (row) => {
  const rule = {
    delayMs: row.delayS * 1000,
    exponentialBackoff: row.multiplier,
    delayMaxMs: row.maxS === undefined ? undefined : row.maxS * 1000,
  };
  const { tryNumber, logicalDateMs } = row;
  const failed = { dagId: 'd', taskId: 't', logicalDateMs, tryNumber };
  expect(retryDelayMs(rule, failed)).toBe(row.expectedS * 1000);
});
