// What a JSON text has at its top, found without building its value: how many elements, one field.

/** What becomes of a mapped task: as many instances, none at all, or a failure. */
export const NOT_MAPPABLE = -1;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SMALL_N = 0x6e;

/**
 * Elements of a list, keys of an object, −1 for what has none; undefined for null, which counts as
 * nothing. The text must be JSON.
 */
export function elementsCount(json: string): number | undefined {
  const start = afterSpace(json, 0);
  switch (json.charCodeAt(start)) {
    case OPEN_BRACKET:
      return listLength(json, start + 1);
    case OPEN_BRACE:
      return keysOf(json, start + 1).size;
    case SMALL_N:
      return undefined;
    default:
      return NOT_MAPPABLE;
  }
}

/** The text of a field's value, exactly as it stands there; undefined when there is none. */
export function fieldText(json: string, field: string): string | undefined {
  const start = afterSpace(json, 0);
  if (json.charCodeAt(start) !== OPEN_BRACE) return undefined;
  let text: string | undefined;
  for (const member of membersOf(json, start + 1)) {
    // Of a key that stands there twice the last counts, as for JSON.parse.
    if (member.key === field) text = json.slice(member.from, member.to).trim();
  }
  return text;
}

function listLength(json: string, start: number): number {
  if (json.charCodeAt(afterSpace(json, start)) === CLOSE_BRACKET) return 0;
  let count = 1;
  for (let at = partEnd(json, start); json.charCodeAt(at) === COMMA; at = partEnd(json, at + 1)) {
    count += 1;
  }
  return count;
}

/** A key that stands there twice is one key. */
function keysOf(json: string, start: number): Set<string> {
  return new Set(Array.from(membersOf(json, start), ({ key }) => key));
}

type Member = { readonly key: string; readonly from: number; readonly to: number };

/** The members of the object whose inside begins at `start`: each key, and where its value is. */
function* membersOf(json: string, start: number): Generator<Member> {
  if (json.charCodeAt(afterSpace(json, start)) === CLOSE_BRACE) return;
  for (let at = start; ; ) {
    const quote = afterSpace(json, at);
    const end = textEnd(json, quote);
    const written = json.slice(quote, end);
    const key = written.includes('\\') ? String(JSON.parse(written)) : written.slice(1, -1);
    const from = afterSpace(json, end) + 1;
    const to = partEnd(json, from);
    yield { key, from, to };
    if (json.charCodeAt(to) !== COMMA) return;
    at = to + 1;
  }
}

/** Where the next comma, or the end, of the list or object is whose inside `from` lies in. */
function partEnd(json: string, from: number): number {
  let depth = 0;
  for (let at = from; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = textEnd(json, at) - 1;
    else if (code === OPEN_BRACKET || code === OPEN_BRACE) depth += 1;
    else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) depth -= 1;
    else if (code === COMMA && depth === 0) return at;
    if (depth < 0) return at;
  }
  return json.length;
}

/** Behind the closing quote of the text whose opening quote is at `quote`. */
function textEnd(json: string, quote: number): number {
  for (let at = quote + 1; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at += 1;
  }
  return json.length;
}

function afterSpace(json: string, from: number): number {
  let at = from;
  while (at < json.length && json.charCodeAt(at) <= 0x20) at += 1;
  return at;
}
