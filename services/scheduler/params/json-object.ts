// JSON objects that people give, and the JSON Schemas that say what may be in them.
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { checkBounded, TookTooLong } from '#kernel/contract/bounded-check.ts';
import { schemaWords } from './schema-words.ts';

/** CPU time that the check of one value may take. */
const CHECK_CPU_MS_MAX = 1_000;

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

/** What is wrong with a value, in words that begin with `subject`; undefined when nothing is. */
export function problemOf(
  check: ValidateFunction,
  value: unknown,
  subject: string,
): string | undefined {
  try {
    if (checkBounded(CHECK_CPU_MS_MAX, () => check(value))) return undefined;
  } catch (error) {
    if (!(error instanceof TookTooLong)) throw error;
    return `${subject} takes too long to check; give a simpler value, or mend the schema`;
  }
  return schemaWords(check.errors ?? [], subject);
}
