// A line of the simulator's protocol: one JSON object, whose fields are read with their types.
import {
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  type MessageShape,
} from '@bufbuild/protobuf';
import { fail, messageOf } from '#kernel/errors/errors.ts';

/** The furthest instant from 1970 that a date can be, in milliseconds, before and after it. */
const INSTANT_MAX_MS = 8.64e15;

/** The object of a line; `bad_request` for anything else. */
export function objectOf(line: string): JsonObject {
  try {
    const value: unknown = JSON.parse(line);
    if (isObject(value)) return value;
  } catch {
    // Told below, like any other line that is no object.
  }
  throw fail('bad_request', `a line is a JSON object, not ${line.slice(0, 100)}`);
}

/** A text; empty when it is absent. */
export function textIn(message: JsonObject, name: string): string {
  const value = message[name] ?? '';
  if (typeof value === 'string') return value;
  throw fail('bad_request', `"${name}" must be a text, not ${JSON.stringify(value)}`);
}

/** A number; undefined when it is absent. */
export function numberIn(message: JsonObject, name: string): number | undefined {
  const value = message[name] ?? undefined;
  if (value === undefined || Number.isFinite(value)) return value as number | undefined;
  throw fail('bad_request', `"${name}" must be a number, not ${JSON.stringify(value)}`);
}

/** An instant in epoch milliseconds; undefined when it is absent. */
export function instantIn(message: JsonObject, name: string): number | undefined {
  const ms = numberIn(message, name);
  if (ms === undefined || Math.abs(ms) <= INSTANT_MAX_MS) return ms;
  throw fail('bad_request', `"${name}" must be an instant in milliseconds, not ${ms}`);
}

/** A whole number from 1 on; undefined when it is absent. */
export function countIn(message: JsonObject, name: string): number | undefined {
  const count = numberIn(message, name);
  if (count === undefined || (Number.isSafeInteger(count) && count > 0)) return count;
  throw fail('bad_request', `"${name}" must be a whole number from 1 on, not ${count}`);
}

/** A list; empty when it is absent. */
export function listIn(message: JsonObject, name: string): readonly JsonValue[] {
  const value = message[name] ?? [];
  if (Array.isArray(value)) return value;
  throw fail('bad_request', `"${name}" must be a list, not ${JSON.stringify(value)}`);
}

/** An object; empty when it is absent. */
export function objectIn(message: JsonObject, name: string): JsonObject {
  const value = message[name] ?? {};
  if (isObject(value)) return value;
  throw fail('bad_request', `"${name}" must be an object, not ${JSON.stringify(value)}`);
}

/** The JSON text of a value; empty when it is absent. */
export function jsonIn(message: JsonObject, name: string): string {
  return message[name] === undefined ? '' : JSON.stringify(message[name]);
}

/** Texts by name; empty when it is absent. */
export function textsIn(message: JsonObject, name: string): Readonly<Record<string, string>> {
  const texts = objectIn(message, name);
  return Object.fromEntries(Object.keys(texts).map((key) => [key, textIn(texts, key)] as const));
}

/** A message of the contracts, from protobuf's JSON form; `name` is what it is called. */
export function contractOf<Desc extends DescMessage>(
  schema: Desc,
  json: JsonValue,
  name: string,
): MessageShape<Desc> {
  try {
    return fromJson(schema, json);
  } catch (cause) {
    const words = `"${name}" is no ${schema.name} in protobuf's JSON form: ${messageOf(cause)}`;
    throw fail('bad_request', words, { cause });
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
