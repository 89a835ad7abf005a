// Blanks out what is no code, so that no rule stumbles over prose; lines and columns stay.

/** A stretch of a source that is one kind of thing. */
type Piece = { readonly kind: 'code' | 'comment' | 'text'; readonly end: number };

/** A slash after one of these begins a regular expression, after anything else it divides. */
const BEFORE_REGEXP =
  /(^|[=(,:[!&|?{};+\-*%<>~^]|\b(return|typeof|case|in|of|await|yield|void))\s*$/;

/**
 * `uncommented` keeps strings, `code` does not. Templates count as strings; the code inside their
 * `${…}` is kept.
 */
export function blank(source: string): { readonly uncommented: string; readonly code: string } {
  let [uncommented, code] = ['', ''];
  /** For each open `${`: how many braces are open in it. */
  const templates: number[] = [];
  for (let at = 0; at < source.length; ) {
    const piece = pieceAt(source, at, code, templates);
    const stretch = source.slice(at, piece.end);
    uncommented += piece.kind === 'comment' ? spaces(stretch) : stretch;
    code += piece.kind === 'code' ? stretch : spaces(stretch);
    at = piece.end;
  }
  return { uncommented, code };
}

function pieceAt(source: string, at: number, before: string, templates: number[]): Piece {
  const two = source.slice(at, at + 2);
  if (two === '//') return { kind: 'comment', end: endOf(source, '\n', at) };
  if (two === '/*') return { kind: 'comment', end: endOf(source, '*/', at + 2) + 2 };
  if (at === 0 && two === '#!') return { kind: 'comment', end: endOf(source, '\n', at) };
  const one = source[at] ?? '';
  if (one === "'" || one === '"') return { kind: 'text', end: closing(source, at + 1, one) };
  if (one === '`') return templateFrom(source, at + 1, templates);
  if (one === '/' && BEFORE_REGEXP.test(before.slice(-40))) {
    return { kind: 'text', end: regexpEnd(source, at + 1) };
  }
  const depth = templates.at(-1);
  if (depth !== undefined && one === '{') templates[templates.length - 1] = depth + 1;
  if (depth !== undefined && one === '}') {
    if (depth === 0) {
      templates.pop();
      return templateFrom(source, at + 1, templates);
    }
    templates[templates.length - 1] = depth - 1;
  }
  return { kind: 'code', end: at + 1 };
}

/** A template's text up to its end, or up to the next `${`, whose code follows. */
function templateFrom(source: string, from: number, templates: number[]): Piece {
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === '`') return { kind: 'text', end: at + 1 };
    else if (source[at] === '$' && source[at + 1] === '{') {
      templates.push(0);
      return { kind: 'text', end: at + 2 };
    }
  }
  return { kind: 'text', end: source.length };
}

function closing(source: string, from: number, quote: string): number {
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === quote) return at + 1;
  }
  return source.length;
}

function regexpEnd(source: string, from: number): number {
  let isInClass = false;
  for (let at = from; at < source.length; at += 1) {
    const one = source[at];
    if (one === '\\') at += 1;
    else if (one === '[') isInClass = true;
    else if (one === ']') isInClass = false;
    else if (one === '\n' || (one === '/' && !isInClass)) return at + 1;
  }
  return source.length;
}

function endOf(source: string, mark: string, from: number): number {
  const at = source.indexOf(mark, from);
  return at < 0 ? source.length : at;
}

function spaces(stretch: string): string {
  return stretch.replaceAll(/[^\n]/g, ' ');
}
