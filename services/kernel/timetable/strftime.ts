// Writes a wall clock by a format of Python's strftime.

/** What a clock on the wall shows. */
export type WallReading = {
  /** The epoch milliseconds that the same reading would have in UTC. */
  readonly wallMs: number;
  /** Wall clock minus UTC, in milliseconds. */
  readonly offsetMs: number;
};

/** Names as Python writes them where no locale is set. */
export const MONTH_NAMES: readonly string[] = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];
export const WEEKDAY_NAMES: readonly string[] = [
  ...['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
];

const DAY_MS = 86_400_000;

type Write = (date: Date, reading: WallReading) => string;

const DIRECTIVES: ReadonlyMap<string, Write> = new Map<string, Write>([
  ['Y', (date) => padded(date.getUTCFullYear(), 4)],
  ['y', (date) => padded(date.getUTCFullYear() % 100, 2)],
  ['m', (date) => padded(date.getUTCMonth() + 1, 2)],
  ['d', (date) => padded(date.getUTCDate(), 2)],
  ['H', (date) => padded(date.getUTCHours(), 2)],
  ['I', (date) => padded(((date.getUTCHours() + 11) % 12) + 1, 2)],
  ['p', (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM')],
  ['M', (date) => padded(date.getUTCMinutes(), 2)],
  ['S', (date) => padded(date.getUTCSeconds(), 2)],
  ['f', (date) => padded(date.getUTCMilliseconds() * 1_000, 6)],
  ['j', (date) => padded(dayOfYear(date), 3)],
  ['B', (date) => MONTH_NAMES[date.getUTCMonth()] ?? ''],
  ['b', (date) => MONTH_NAMES[date.getUTCMonth()]?.slice(0, 3) ?? ''],
  ['A', (date) => WEEKDAY_NAMES[date.getUTCDay()] ?? ''],
  ['a', (date) => WEEKDAY_NAMES[date.getUTCDay()]?.slice(0, 3) ?? ''],
  ['w', (date) => String(date.getUTCDay())],
  ['u', (date) => String(date.getUTCDay() || 7)],
  ['U', (date) => padded(weekOfYear(date, date.getUTCDay()), 2)],
  ['W', (date) => padded(weekOfYear(date, (date.getUTCDay() + 6) % 7), 2)],
  ['V', (date) => padded(isoWeek(date).week, 2)],
  ['G', (date) => padded(isoWeek(date).year, 4)],
  ['z', (_, { offsetMs }) => writeOffset(offsetMs)],
  ['%', () => '%'],
]);

/**
 * Prepares a format such as `%Y-%m-%d`. Throws an Error with a sentence for a directive that is not
 * known, and for those whose text depends on a locale.
 */
export function createWriter(format: string): (reading: WallReading) => string {
  const parts = splitFormat(format).map((part): string | Write => {
    if (part.kind === 'text') return part.text;
    const write = DIRECTIVES.get(part.letter);
    if (write === undefined) throw new Error(unknownDirective(format, part.letter, DIRECTIVES));
    return write;
  });
  return (reading) => {
    const date = new Date(reading.wallMs);
    return parts.map((part) => (typeof part === 'string' ? part : part(date, reading))).join('');
  };
}

type FormatPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'directive'; readonly letter: string };

/** Takes a format apart into plain text and directives. */
export function splitFormat(format: string): readonly FormatPart[] {
  return (format.match(/%.?|[^%]+/gsu) ?? []).map((text) =>
    text.startsWith('%') ? { kind: 'directive', letter: text.slice(1) } : { kind: 'text', text },
  );
}

/** The sentence for a directive that is not among those that are known. */
export function unknownDirective(
  format: string,
  letter: string,
  known: ReadonlyMap<string, unknown>,
): string {
  const letters = [...known.keys()].map((each) => `%${each}`).join(' ');
  return `the format "${format}" has %${letter}, which is not supported; use ${letters}`;
}

function padded(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function writeOffset(offsetMs: number): string {
  const minutes = Math.floor(Math.abs(offsetMs) / 60_000);
  const sign = offsetMs < 0 ? '-' : '+';
  return `${sign}${padded(Math.floor(minutes / 60), 2)}${padded(minutes % 60, 2)}`;
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - yearStartMs(date.getUTCFullYear())) / DAY_MS) + 1;
}

/** Weeks begin on the day that is `weekday` days ago; days before the first are in week 0. */
function weekOfYear(date: Date, weekday: number): number {
  return Math.floor((dayOfYear(date) + 6 - weekday) / 7);
}

/** A week belongs to the year of its Thursday. */
function isoWeek(date: Date): { year: number; week: number } {
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * DAY_MS);
  return {
    year: thursday.getUTCFullYear(),
    week: Math.floor((dayOfYear(thursday) - 1) / 7) + 1,
  };
}

function yearStartMs(year: number): number {
  return new Date(0).setUTCFullYear(year, 0, 1);
}
