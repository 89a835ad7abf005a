// The shapes of values in a YAML DAG: records, lists, named entries, and kinds told by a key.
import {
  blame,
  type Entry,
  type Field,
  type Fields,
  isSequence,
  keysOf,
  readEntries,
  readItems,
  readMapping,
  scalarOf,
  type Values,
} from './yaml-reader.ts';

/** A mapping with known keys, made into something. */
export function record<F extends Fields, T>(fields: F, make: (values: Values<F>) => T): Field<T> {
  return (node, what, reading) => make(readMapping(node, fields, { what, reading }));
}

/** A mapping of one key, whose value is made into something. */
export function under<T, R>(key: string, value: Field<T>, make: (value: T) => R): Field<R> {
  return (node, what, reading) => {
    const { [key]: read } = readMapping(node, { [key]: value }, { what, reading });
    return read === undefined ? undefined : make(read);
  };
}

/** Values by names that the author chooses. */
export function dictionary<T>(value: Field<T>): Field<Record<string, T>> {
  const pairs = named(value, ({ key }, read) => ({ key, read }));
  return (node, what, reading) => {
    const read = pairs(node, what, reading) ?? [];
    return Object.fromEntries(
      read.flatMap(({ key, read: one }) => (one === undefined ? [] : [[key, one]])),
    );
  };
}

/** A list; a single element is a list of one. Elements that are wrong are left out. */
export function listOf<T>(element: Field<T>): Field<T[]> {
  return (node, what, reading) => {
    const items = isSequence(node, reading) ? readItems(node, what, reading) : undefined;
    const read = items?.map((item) => element(item, `an element of ${what}`, reading)) ?? [
      element(node, what, reading),
    ];
    return read.filter((value) => value !== undefined);
  };
}

/** A mapping whose keys the author chooses. */
export function named<T, R>(
  value: Field<T>,
  make: (entry: Entry, value: T | undefined) => R,
): Field<R[]> {
  return (node, what, reading) =>
    readEntries(node, what, reading)?.map((entry) => {
      const place = `"${entry.key}" of ${what}`;
      return make(entry, entry.value && value(entry.value, place, reading));
    });
}

/**
 * A mapping whose kind is told by the key of a table that it has; each kind reads the whole
 * mapping. `otherwise` reads what has none of the keys, or is no mapping.
 */
export function byKey<T>(
  kinds: Readonly<Record<string, Field<T>>>,
  otherwise: Field<T> = mustHaveOneOf(Object.keys(kinds)),
): Field<T> {
  return (node, what, reading) => {
    const keys = keysOf(node, reading);
    const kind = Object.keys(kinds).find((key) => keys.includes(key));
    const read = kind === undefined ? otherwise : (kinds[kind] ?? otherwise);
    return read(node, what, reading);
  };
}

/** A text that stands for the most telling part alone, or all of it. */
export function textOr<A, B>(make: (alone: string) => A, whole: Field<B>): Field<A | B> {
  return (node, what, reading) => {
    const alone = scalarOf(node, reading);
    return typeof alone === 'string' ? make(alone) : whole(node, what, reading);
  };
}

function mustHaveOneOf<T>(keys: readonly string[]): Field<T> {
  return (node, what, reading) =>
    blame(reading, node, `${what} must have one of the keys ${keys.join(', ')}`);
}
