// A line of the simulator's protocol: one JSON object, whose fields are read with their types.
import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { fail } from '#kernel/errors/errors.ts';

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
  if (value === undefined || typeof value === 'number') return value;
  throw fail('bad_request', `"${name}" must be a number, not ${JSON.stringify(value)}`);
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

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
