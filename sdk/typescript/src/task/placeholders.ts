// Texts with `{{ name }}` in them: names of mapped instances, subjects and bodies of messages.
import type { JsonObject, JsonValue } from '../json.ts';

const PLACEHOLDER = /\{\{\s*([\w.-]+)\s*\}\}/g;

/**
 * The text with each `{{ name }}` replaced by the value of that name; `{{ a.b }}` looks inside an
 * object. Values that are no text are written as JSON. What has no value stays as it is, where a
 * reader sees the mistake.
 */
export function fillPlaceholders(text: string, values: JsonObject): string {
  return text.replaceAll(PLACEHOLDER, (placeholder, name: string) => {
    const value = valueAt(values, name);
    if (value === undefined) return placeholder;
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}

function valueAt(values: JsonObject, name: string): JsonValue | undefined {
  if (Object.hasOwn(values, name)) return values[name];
  let at: JsonValue | undefined = values;
  for (const step of name.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as JsonObject)[step];
  }
  return at;
}
