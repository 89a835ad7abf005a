// The waits of a sensor, against rows computed apart in Python from Airflow's formula.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pokeDelayS, type PokeProgress, type PokeTiming, pythonTime } from './poke-interval.ts';

type Row = Omit<PokeTiming, 'maxWaitS'> &
  Omit<PokeProgress, 'pokesCount'> & {
    readonly title: string;
    readonly maxWaitS?: number;
    readonly pokesCount?: number;
    readonly delayS: number;
  };

const table: { readonly rows: readonly Row[] } = JSON.parse(
  readFileSync(new URL('./fixtures/poke-interval.json', import.meta.url), 'utf8'),
);

test.each(table.rows)('$title: $delayS s', ({ delayS, ...row }) => {
  const timing = { ...row, maxWaitS: row.maxWaitS };
  expect(pokeDelayS(timing, { ...row, pokesCount: row.pokesCount })).toBe(delayS);
});

test('ten thousand pokes are no trouble for the arithmetic', () => {
  const timing = {
    dagId: 'd',
    taskId: 's',
    pokeIntervalS: 60,
    timeoutS: 604_800,
    exponentialBackoff: true,
    maxWaitS: 3_600,
  };
  expect(pokeDelayS(timing, { startedAt: '1', elapsedS: 0, pokesCount: 10_000 })).toBe(3_600);
});

test('a sensor past its timeout waits no negative time', () => {
  const timing = {
    dagId: 'd',
    taskId: 's',
    pokeIntervalS: 60,
    timeoutS: 100,
    exponentialBackoff: true,
    maxWaitS: undefined,
  };
  expect(pokeDelayS(timing, { startedAt: '1', elapsedS: 500, pokesCount: 3 })).toBe(0);
});

test.each([
  ['2024-01-01T00:00:00Z', '2024-01-01 00:00:00+00:00'],
  ['2026-02-03T04:05:06.789Z', '2026-02-03 04:05:06.789000+00:00'],
])('%s is %s to Python', (iso, text) => {
  expect(pythonTime(new Date(iso))).toBe(text);
});
