// Values as JSON and YAML text that is safe to print and reads back equal.
import type { JsonValue } from '@bufbuild/protobuf';
import { stringify } from 'yaml';
import { visibleJson } from './escape.ts';

/** Indented JSON, without a line feed at the end. */
export function asJson(value: JsonValue): string {
  return visibleJson(JSON.stringify(value, undefined, 2));
}

/** YAML, without a line feed at the end. Only quoted strings can hold escapes: one quotes all. */
export function asYaml(value: JsonValue): string {
  const readable = stringify(value, { lineWidth: 0 });
  if (visibleJson(readable) === readable) return readable.trimEnd();
  const quoted = { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE' } as const;
  return visibleJson(stringify(value, { lineWidth: 0, ...quoted })).trimEnd();
}
