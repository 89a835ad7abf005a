// Tables are aligned, honest about hostile cells, and coloured only when asked.
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { colourful, stateColour } from './paint.ts';
import { type Column, drawPairs, drawTable } from './table.ts';

type Row = { readonly name: string; readonly count: number };
const COLUMNS: readonly Column<Row>[] = [
  { title: 'name', cell: (row) => row.name, colour: stateColour },
  { title: 'count', cell: (row) => String(row.count), align: 'right' },
  { title: 'twice', cell: (row) => String(row.count * 2), align: 'right', wide: true },
];

test('numbers stand on the right, empty cells are marked, wide columns wait for -o wide', () => {
  const rows = [
    { name: 'a', count: 5 },
    { name: '', count: 1_000 },
  ];
  expect(drawTable(COLUMNS, rows)).toBe('NAME  COUNT\na         5\n-      1000');
  expect(drawTable(COLUMNS, rows, { wide: true })).toBe(
    'NAME  COUNT  TWICE\na         5     10\n-      1000   2000',
  );
});

test('a cell cannot leave its place', () => {
  expect(drawTable(COLUMNS, [{ name: 'a\nb', count: 1 }])).toBe('NAME  COUNT\na\\nb      1');
});

test('colour does not move columns', () => {
  const rows = [
    { name: 'failed', count: 1 },
    { name: 'other', count: 2 },
  ];
  const painted = drawTable(COLUMNS, rows, { paint: colourful });
  expect(painted).toContain('\u001b[31mfailed\u001b[39m  ');
  expect(stripVTControlCharacters(painted)).toBe(drawTable(COLUMNS, rows));
});

test('pairs without a value are left out', () => {
  expect(
    drawPairs([
      ['id', 'x'],
      ['reason', ''],
      ['state', undefined],
      ['owner', 'me'],
    ]),
  ).toBe('id:     x\nowner:  me');
});
