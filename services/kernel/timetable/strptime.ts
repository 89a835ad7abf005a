// Reads a wall clock by a format of Python's strptime.
import { daysInMonth } from './month-mask.ts';
import { MONTH_NAMES, splitFormat, unknownDirective, WEEKDAY_NAMES } from './strftime.ts';

/** A clock reading; its offset (wall clock minus UTC, ms) is there if the format has `%z`. */
export type ReadDate = { readonly wallMs: number; readonly offsetMs: number | undefined };

/** What each directive looks like. */
const PATTERNS: ReadonlyMap<string, string> = new Map([
  ['Y', String.raw`\d{4}`],
  ['y', String.raw`\d{2}`],
  ['m', '1[0-2]|0?[1-9]'],
  ['d', '3[01]|[12][0-9]|0?[1-9]'],
  ['H', '2[0-3]|[01]?[0-9]'],
  ['I', '1[0-2]|0?[1-9]'],
  ['p', 'am|pm'],
  ['M', '[0-5]?[0-9]'],
  ['S', '[0-5]?[0-9]'],
  ['f', String.raw`\d{1,6}`],
  ['j', '36[0-6]|3[0-5][0-9]|[12][0-9]{2}|0?[1-9][0-9]|0{0,2}[1-9]'],
  ['B', MONTH_NAMES.join('|')],
  ['b', MONTH_NAMES.map((name) => name.slice(0, 3)).join('|')],
  ['A', WEEKDAY_NAMES.join('|')],
  ['a', WEEKDAY_NAMES.map((name) => name.slice(0, 3)).join('|')],
  ['V', '5[0-3]|0[1-9]|[1-4][0-9]|[1-9]'],
  ['z', String.raw`Z|[+-]\d{2}:?[0-5]\d`],
]);

/**
 * Prepares a format such as `%Y-%m-%dT%H:%M:%S`. The reader answers undefined for texts that are
 * not of the format or no date; what a format leaves out is that of 1900-01-01. Throws an Error
 * with a sentence for a directive that is not known, or that comes twice.
 */
export function createReader(format: string): (text: string) => ReadDate | undefined {
  const letters = new Set<string>();
  const pattern = splitFormat(format).map((part) => {
    if (part.kind === 'text') return escaped(part.text);
    if (part.letter === '%') return '%';
    const look = PATTERNS.get(part.letter);
    if (look === undefined) throw new Error(unknownDirective(format, part.letter, PATTERNS));
    if (letters.has(part.letter))
      throw new Error(`the format "${format}" has %${part.letter} twice`);
    letters.add(part.letter);
    return `(?<${part.letter}>${look})`;
  });
  const expression = new RegExp(`^${pattern.join('')}$`, 'iu');
  return (text) => {
    const groups = expression.exec(text)?.groups;
    return groups === undefined ? undefined : toDate(groups);
  };
}

type Groups = Readonly<Record<string, string | undefined>>;

function toDate(groups: Groups): ReadDate | undefined {
  const year = yearOf(groups);
  const month = monthOf(groups);
  const day = Number(groups['d'] ?? 1);
  if (day > daysInMonth(year, month)) return undefined;
  const dayMs =
    groups['j'] === undefined
      ? new Date(0).setUTCFullYear(year, month - 1, day)
      : new Date(0).setUTCFullYear(year, 0, Number(groups['j']));
  const seconds = hourOf(groups) * 3_600 + Number(groups['M'] ?? 0) * 60 + Number(groups['S'] ?? 0);
  const fractionMs = Math.floor(Number((groups['f'] ?? '').padEnd(6, '0')) / 1_000);
  return { wallMs: dayMs + seconds * 1_000 + fractionMs, offsetMs: offsetOf(groups['z']) };
}

/** Two digits are of 1969 to 2068, as POSIX has it. */
function yearOf({ Y, y }: Groups): number {
  if (Y !== undefined) return Number(Y);
  if (y === undefined) return 1900;
  return Number(y) + (Number(y) < 69 ? 2000 : 1900);
}

function monthOf({ m, B, b }: Groups): number {
  const name = (B ?? b)?.slice(0, 3).toLowerCase();
  if (name === undefined) return Number(m ?? 1);
  return MONTH_NAMES.findIndex((each) => each.toLowerCase().startsWith(name)) + 1;
}

function hourOf({ H, I, p }: Groups): number {
  if (I === undefined) return Number(H ?? 0);
  return (Number(I) % 12) + (p?.toLowerCase() === 'pm' ? 12 : 0);
}

function offsetOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text.toUpperCase() === 'Z') return 0;
  const digits = text.replaceAll(/\D/g, '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (text.startsWith('-') ? -minutes : minutes) * 60_000;
}

function escaped(text: string): string {
  return text
    .replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
    .replaceAll(/\s+/g, String.raw`\s+`);
}
