// Texts that must be a JSON object, because whoever reads them later counts on it.
import { fail } from '#kernel/errors/errors.ts';

/** Throws `bad_request` unless a text is a JSON object; empty stands for one without fields. */
export function requireJsonObject(field: string, text: string): void {
  if (text === '' || isJsonObject(text)) return;
  throw fail('bad_request', `${field} is not a JSON object; write e.g. {"rows": 3}`);
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
