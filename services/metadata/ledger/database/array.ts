// Columns as PostgreSQL array literals, built by joining: node-pg's own encoding of arrays costs
// more than the statement.
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';

/**
 * Quotes, backslashes end an element early; PostgreSQL has no text with U+0000, and no task may
 * stop a commit with one.
 */
const NEEDS_CARE = /["\\\0]/;

/** A column of texts, uuids or enum values; undefined is null. U+0000 becomes U+FFFD. */
export function textArray(values: readonly (string | undefined)[]): string {
  if (values.length === 0) return '{}';
  // Ids and names never need care: one look at all of them together is cheaper than one at each.
  const isPlain = !values.includes(undefined) && !NEEDS_CARE.test(values.join(''));
  if (isPlain) return `{"${values.join('","')}"}`;
  return `{${values.map((value) => (value === undefined ? 'NULL' : quoted(value))).join(',')}}`;
}

/** A column of numbers or booleans; undefined is null. */
export function plainArray(values: readonly (number | bigint | boolean | undefined)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

/** A column of instants as milliseconds since the epoch; undefined is null. */
export function timeArray(values: readonly (Timestamp | undefined)[]): string {
  return plainArray(values.map(fromTimestamp));
}

/**
 * A column that hardly any row fills. When none does it is an empty array, which `unnest` fills up
 * with nulls: so plain rows pay nothing for what only few have.
 */
export function rareArray<V>(
  arrayOf: (values: readonly (V | undefined)[]) => string,
  values: readonly (V | undefined)[],
): string {
  return values.every((value) => value === undefined) ? '{}' : arrayOf(values);
}

/** What protobuf calls an absent id: empty, and null in the database. */
export function orAbsent(id: string): string | undefined {
  return id === '' ? undefined : id;
}

function quoted(value: string): string {
  if (!NEEDS_CARE.test(value)) return `"${value}"`;
  return `"${value.replaceAll('\0', '\uFFFD').replaceAll(/["\\]/g, '\\$&')}"`;
}
