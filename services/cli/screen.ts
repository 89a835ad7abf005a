// Where a command's words go: data to stdout, talk to stderr, in the format that was asked for.
import { createInterface } from 'node:readline/promises';
import type { JsonValue } from '@bufbuild/protobuf';
import { asJson, asYaml } from './core/document.ts';
import { visibleLines } from './core/escape.ts';
import { colourful, type Paint, plain } from './core/paint.ts';
import { type Column, drawTable } from './core/table.ts';

/** How data is shown. */
export const FORMATS = ['table', 'wide', 'json', 'yaml'] as const;
/** One of them. */
export type Format = (typeof FORMATS)[number];

/** The terminal, file or pipe a command speaks to. */
export type Screen = {
  readonly format: Format;
  /** Paints when stdout is a terminal and colour is wanted. */
  readonly paint: Paint;
  /** True when a person can be asked something. */
  readonly isInteractive: boolean;
  /** True when talk goes to a terminal, where a line can be drawn again. */
  readonly isLive: boolean;
  /** A line of data; what is hostile in it was made visible before. */
  print(text: string): void;
  /** A line of talk; control characters in it are made visible. */
  say(text: string): void;
  /** Draws the last line of talk anew; with '' it is gone. Only where the screen is live. */
  redraw(text: string): void;
  /** Asks a person for a yes; anything else is a no. */
  confirm(question: string, signal: AbortSignal): Promise<boolean>;
};

/** The screen of this program. */
export function openScreen(options: { readonly format: Format; readonly colour: boolean }): Screen {
  return {
    format: options.format,
    paint: options.colour && process.stdout.isTTY ? colourful : plain,
    isInteractive: process.stdin.isTTY && process.stderr.isTTY,
    isLive: process.stderr.isTTY === true,
    print: (text) => void process.stdout.write(`${text}\n`),
    say: (text) => void process.stderr.write(`${visibleLines(text)}\n`),
    redraw: (text) => void process.stderr.write(`\r\u001b[K${text}`),
    confirm: async (question, signal) => {
      const line = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return /^y(es)?$/i.test((await line.question(`${question} [y/N] `, { signal })).trim());
      } finally {
        line.close();
      }
    },
  };
}

/** True for the formats that people read, false for those that programs read. */
export function isForPeople({ format }: Screen): boolean {
  return format === 'table' || format === 'wide';
}

/** Shows one value: as data when data is wanted, else as `human` draws it. */
export function showOne(screen: Screen, value: JsonValue, human: () => string): void {
  if (screen.format === 'json') screen.print(asJson(value));
  else if (screen.format === 'yaml') screen.print(asYaml(value));
  else screen.print(human());
}

/** Shows rows; when there are none, people are told on stderr what to do next. */
export function showList<Row>(
  screen: Screen,
  list: {
    readonly rows: readonly Row[];
    /** A row as data. */
    readonly plain: (row: Row) => JsonValue;
    readonly columns: readonly Column<Row>[];
    /** Why there may be nothing, and what to do next. */
    readonly empty: string;
  },
): void {
  if (!isForPeople(screen)) {
    showOne(screen, list.rows.map(list.plain), () => '');
    return;
  }
  if (list.rows.length === 0) screen.say(list.empty);
  else screen.print(drawRows(screen, list.columns, list.rows));
}

/** Rows as a table in the screen's own style. */
export function drawRows<Row>(
  screen: Screen,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): string {
  return drawTable(columns, rows, { wide: screen.format === 'wide', paint: screen.paint });
}
