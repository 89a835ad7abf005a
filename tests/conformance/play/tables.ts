// The golden tables: read from `cases/`, and played row by row.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectedOf, playRow, type Row } from './scenario.ts';

const CASES = new URL('../cases/', import.meta.url);

/** A table of one subject. */
export type Table<R> = {
  readonly title: string;
  /** Where its values come from. */
  readonly source: string;
  readonly subject: string;
  readonly rows: readonly R[];
};

/** All tables of a subject; there is at least one. */
export function tablesOf<R>(subject: string): readonly Table<R>[] {
  const tables = readdirSync(CASES)
    .filter((name) => name.endsWith('.json'))
    .map((name): Table<R> => JSON.parse(readFileSync(new URL(name, CASES), 'utf8')))
    .filter((table) => table.subject === subject);
  if (tables.length === 0) throw new Error(`there is no table of "${subject}"`);
  return tables;
}

/** Plays every row of a subject whose rows are runs. */
export function playTables(subject: string): void {
  describe.each(tablesOf<Row>(subject))('$title', ({ rows }) => {
    it.each([...rows])('$name', (row) => {
      const actual = playRow(row, (expected, seen) => expect(seen).toEqual(expected));
      expect(actual).toEqual(expectedOf(row));
    });
  });
}
