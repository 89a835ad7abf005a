// Small aligned tables for people: a title line, one line a row, two spaces between columns.
import { visible } from './escape.ts';
import { type Colour, type Paint, plain } from './paint.ts';

/** One column of a table. */
export type Column<Row> = {
  /** Shown in capitals above the column. */
  readonly title: string;
  /** The cell's text; control characters are made visible by the table. */
  readonly cell: (row: Row) => string;
  /** Default left; numbers stand on the right. */
  readonly align?: 'right';
  /** Only shown with `-o wide`. */
  readonly wide?: true;
  /** Colour of the cell's text. */
  readonly colour?: (text: string) => Colour | undefined;
};

/** How a table is drawn. */
export type TableStyle = { readonly wide?: boolean; readonly paint?: Paint };

/** Empty cells are shown as this, so that columns stay readable and can be cut by scripts. */
const NOTHING = '-';

/** Draws rows under their titles, without a line feed at the end. */
export function drawTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { wide = false, paint = plain }: TableStyle = {},
): string {
  const shown = columns.filter((column) => wide || column.wide !== true);
  const drawn = shown.map((column) => drawColumn(column, rows, paint));
  const lines = [...Array(rows.length + 1).keys()];
  return lines
    .map((line) =>
      drawn
        .map((cells) => cells[line])
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Draws `name: value` pairs, one a line, values aligned; pairs without a value are left out. */
export function drawPairs(pairs: readonly (readonly [string, string | undefined])[]): string {
  const filled = pairs.filter(([, value]) => value !== undefined && value !== '');
  const width = Math.max(0, ...filled.map(([name]) => name.length)) + 1;
  return filled.map(([name, value]) => `${`${name}:`.padEnd(width)}  ${value}`).join('\n');
}

function drawColumn<Row>(column: Column<Row>, rows: readonly Row[], paint: Paint): string[] {
  const texts = rows.map((row) => visible(column.cell(row)) || NOTHING);
  const width = Math.max(column.title.length, ...texts.map(widthOf));
  const padded = (text: string): string => {
    const gap = ' '.repeat(width - widthOf(text));
    const colour = column.colour?.(text);
    const painted = colour === undefined ? text : paint(text, colour);
    return column.align === 'right' ? gap + painted : painted + gap;
  };
  const title = column.title.toUpperCase();
  const heading = column.align === 'right' ? title.padStart(width) : title.padEnd(width);
  return [heading, ...texts.map(padded)];
}

/** Code points, which is exact for the characters ids may have and close for the rest. */
function widthOf(text: string): number {
  return [...text].length;
}
