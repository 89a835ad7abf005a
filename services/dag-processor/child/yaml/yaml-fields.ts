// The kinds of values in a YAML DAG: texts, numbers, spans, instants, lists, words of a table.
import {
  type Duration,
  durationFromMs,
  type Timestamp,
  timestampFromDate,
} from '@bufbuild/protobuf/wkt';
import { didYouMean } from '../../core/nearest.ts';
import { blame, type Field, scalarOf, textOf } from './yaml-reader.ts';
import { listOf } from './yaml-shapes.ts';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SPAN = /^(-?)(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(Z|[+-]\d{2}:\d{2})?)?$/;

/** A text; a number is taken as it is written. */
export const text: Field<string> = (node, what, reading) =>
  textOf(node, reading) ?? blame(reading, node, `${what} must be a text`);

/** true or false. */
export const yesOrNo: Field<boolean> = (node, what, reading) => {
  const value = scalarOf(node, reading);
  return typeof value === 'boolean' ? value : blame(reading, node, `${what} must be true or false`);
};

/** A whole number within the limits, both included. */
export function whole(min: number, max = 2_147_483_647): Field<number> {
  return (node, what, reading) => {
    const value = scalarOf(node, reading);
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max)
      return value;
    return blame(reading, node, `${what} must be a whole number from ${min} to ${max}`);
  };
}

/** A multiplier; true means 2, false none. */
export const multiplier: Field<number> = (node, what, reading) => {
  const value = scalarOf(node, reading);
  if (typeof value === 'boolean') return value ? 2 : 0;
  return typeof value === 'number' ? value : blame(reading, node, `${what} must be a number`);
};

/** A number. */
export const number: Field<number> = (node, what, reading) => {
  const value = scalarOf(node, reading);
  const isNumber = typeof value === 'number' && Number.isFinite(value);
  return isNumber ? value : blame(reading, node, `${what} must be a number`);
};

/** A span of time with its unit: `30s`, `5m`, `1.5h`, `1d`. */
export const span: Field<Duration> = (node, what, reading) => {
  const written = String(scalarOf(node, reading));
  if (!written.startsWith('-')) return anySpan(node, what, reading);
  return blame(reading, node, `${what} must be a span of time that is not negative`);
};

/** A span of time that may go back: `-30s`. */
export const anySpan: Field<Duration> = (node, what, reading) => {
  const [, sign, amount, unit] = SPAN.exec(String(scalarOf(node, reading))) ?? [];
  if (amount === undefined || unit === undefined) {
    return blame(
      reading,
      node,
      `${what} must be a span of time with its unit, such as 30s, 5m or 1.5h`,
    );
  }
  const spanMs = Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  return durationFromMs(sign === '-' ? -spanMs : spanMs);
};

/** A date or a time; UTC where it names no offset. */
export const instant: Field<Timestamp> = (node, what, reading) => {
  const parts = INSTANT.exec(String(scalarOf(node, reading)));
  const [, year, month, day, time = '00:00', offset = 'Z'] = parts ?? [];
  const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const date = new Date(`${year}-${month}-${day}T${time}${offset}`);
  // Date takes 31 February for 3 March.
  if (Number.isNaN(date.getTime()) || midnight.getUTCDate() !== Number(day)) {
    return blame(reading, node, `${what} must be a date, such as 2026-01-31 or 2026-01-31T06:00Z`);
  }
  return timestampFromDate(date);
};

/** A list of texts; a single text is a list of one. */
export const texts: Field<string[]> = listOf(text);

/** One word of a table, standing for its value. */
export function wordOf<T>(words: Readonly<Record<string, T>>): Field<T> {
  return (node, what, reading) => {
    const word = String(scalarOf(node, reading));
    if (Object.hasOwn(words, word)) return words[word];
    const known = Object.keys(words);
    const hint = didYouMean(word, known) || `; it is one of ${known.join(', ')}`;
    return blame(reading, node, `${what} cannot be "${word}"${hint}`);
  };
}
