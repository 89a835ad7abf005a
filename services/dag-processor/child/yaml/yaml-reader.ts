// Reads a YAML mapping key by key, remembering the line of each thing that is wrong.
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type YAMLMap,
} from 'yaml';
import { didYouMean } from '../../core/nearest.ts';
import type { Problem } from '../../core/reading/import-error.ts';

/** A document under way. */
export type Reading = {
  readonly document: Document;
  readonly lines: LineCounter;
  /** Grows while reading. */
  readonly problems: Problem[];
};

/**
 * What a key's value is read with; undefined after a problem was noted. `what` names it for people.
 */
export type Field<T> = (node: Node, what: string, reading: Reading) => T | undefined;

/** The keys a mapping may have. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** The values of a mapping; keys that are absent, null or wrong are undefined. */
export type Values<F extends Fields> = {
  readonly [K in keyof F]?: F[K] extends Field<infer T> ? T | undefined : never;
};

/** A pair of a mapping whose keys the author chooses. */
export type Entry = {
  readonly key: string;
  readonly value: Node | undefined;
  readonly line: number;
};

/** How deep a value may be nested through aliases; more is a bomb. */
const ALIASES_MAX = 100;

/** Notes a problem at a node's line. */
export function blame(reading: Reading, node: Node | undefined, cause: string): undefined {
  reading.problems.push({ line: lineOfNode(reading, node), cause });
  return undefined;
}

/** The line of a node, from 1. */
export function lineOfNode({ lines }: Reading, node: Node | undefined): number {
  return lines.linePos(node?.range?.[0] ?? 0).line;
}

/**
 * Reads a mapping whose keys are known; any other key is a problem that names the nearest known
 * one.
 */
export function readMapping<F extends Fields>(
  node: Node,
  fields: F,
  { what, reading }: { readonly what: string; readonly reading: Reading },
): Values<F> {
  const values: Record<string, unknown> = {};
  for (const { key, value, line } of readEntries(node, what, reading) ?? []) {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field === undefined) {
      const hint = didYouMean(key, Object.keys(fields));
      reading.problems.push({ line, cause: `${what} has an unknown key "${key}"${hint}` });
    } else if (value !== undefined) {
      values[key] = field(value, `"${key}" of ${what}`, reading);
    }
  }
  return values as Values<F>;
}

/** The pairs of a mapping, in order; values that are null are undefined. */
export function readEntries(node: Node, what: string, reading: Reading): Entry[] | undefined {
  const map = followAlias(node, reading);
  if (!isMap<Node, Node | null>(map)) return blame(reading, node, `${what} must be a mapping`);
  return map.items.map(({ key, value }) => ({
    key: isScalar(key) ? String(key.value) : String(key),
    value: value === null || (isScalar(value) && value.value === null) ? undefined : value,
    line: lineOfNode(reading, key),
  }));
}

/** The elements of a sequence; undefined after a problem was noted. */
export function readItems(node: Node, what: string, reading: Reading): Node[] | undefined {
  const sequence = followAlias(node, reading);
  if (!isSeq<Node>(sequence)) return blame(reading, node, `${what} must be a list`);
  return sequence.items;
}

/** The value of a scalar; undefined when the node is none. */
export function scalarOf(node: Node, reading: Reading): unknown {
  const scalar = followAlias(node, reading);
  return isScalar(scalar) ? scalar.value : undefined;
}

/** A text, or a number as it is written; undefined when the node is neither. */
export function textOf(node: Node, reading: Reading): string | undefined {
  const scalar = followAlias(node, reading);
  if (!isScalar(scalar)) return undefined;
  if (typeof scalar.value === 'string') return scalar.value;
  return typeof scalar.value === 'number' ? scalar.source : undefined;
}

/** The mapping that a node is, or is an alias of; undefined when there is none. */
export function mapOf(node: Node, reading: Reading): YAMLMap<Node, Node> | undefined {
  const map = followAlias(node, reading);
  return isMap<Node, Node>(map) ? map : undefined;
}

/** Any value, as JSON text. */
export const jsonText: Field<string> = (node, what, reading) => {
  let isJson = true;
  const text = JSON.stringify(
    node.toJS(reading.document, { maxAliasCount: ALIASES_MAX }),
    (_, value) => {
      isJson &&= typeof value !== 'number' || Number.isFinite(value);
      return value;
    },
  );
  if (text !== undefined && isJson) return text;
  return blame(reading, node, `${what} cannot be written as JSON`);
};

/** The keys of a mapping; none of anything else. */
export function keysOf(node: Node, reading: Reading): readonly string[] {
  const map = followAlias(node, reading);
  if (!isMap(map)) return [];
  return map.items.map(({ key }) => (isScalar(key) ? String(key.value) : ''));
}

/** Whether a node is a list. */
export function isSequence(node: Node, reading: Reading): boolean {
  return isSeq(followAlias(node, reading));
}

function followAlias(node: Node, { document }: Reading): Node | undefined {
  return isAlias(node) ? (node as Alias).resolve(document) : node;
}
