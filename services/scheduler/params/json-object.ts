// JSON objects that people give, and the JSON Schemas that say what may be in them.
import { createContext, Script } from 'node:vm';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { schemaWords } from './schema-words.ts';

/** Longest check of one value. */
const CHECK_TIMEOUT_MS = 1_000;
const IS_MET = new Script('isMet()');

/** Names that would reach into objects instead of naming a value. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** An object from JSON, empty for an empty text; a few words on what is wrong with it otherwise. */
export function parseObject(json: string): Record<string, unknown> | string {
  if (json === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return 'is not JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return 'must be a JSON object';
  }
  const forbidden = Object.keys(value).find((key) => FORBIDDEN.has(key));
  return forbidden === undefined ? { ...value } : `may have nothing called "${forbidden}"`;
}

/**
 * A check from a schema; throws when it is none. Each has a compiler of its own: a shared one keeps
 * every schema, and refuses one seen before.
 */
export function compileSchema(schemaJson: string): ValidateFunction {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  addFormats.default(ajv);
  return ajv.compile(JSON.parse(schemaJson));
}

/**
 * What is wrong with a value, in words that begin with `subject`; undefined when nothing is.
 * Patterns and values are other people's: some take a regular expression years, and V8 stops what
 * runs too long only on behalf of a script.
 */
export function problemOf(
  check: ValidateFunction,
  value: unknown,
  subject: string,
): string | undefined {
  try {
    const context = createContext({ isMet: () => check(value) });
    if (IS_MET.runInContext(context, { timeout: CHECK_TIMEOUT_MS }) === true) return undefined;
  } catch {
    return `${subject} takes too long to check; give a simpler value, or mend the schema`;
  }
  return schemaWords(check.errors ?? [], subject);
}
