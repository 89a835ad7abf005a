// Makes hostile text safe to print: what a terminal would obey is shown instead of sent.

/** Control characters (C0, DEL, C1) and the marks that turn text round. */
const OBEYED = /[\p{Cc}\p{Bidi_Control}]/gu;

/**
 * Text for one line: names, ids, cells. Line feeds and tabs are shown as well.
 * A terminal acts on C0 and C1, and orders what it shows by the bidi marks.
 */
export function visible(text: string): string {
  return text.replace(OBEYED, shown);
}

/** Text of several lines: log messages, stacks. Line feeds and tabs stay. */
export function visibleLines(text: string): string {
  return text.replace(OBEYED, (character) =>
    character === '\n' || character === '\t' ? character : shown(character),
  );
}

/**
 * JSON text that is safe to print. JSON escapes C0 by itself; the rest can only stand inside its
 * strings, where an escape means the same character, so the text stays equal as JSON.
 */
export function visibleJson(json: string): string {
  return json.replace(OBEYED, (character) =>
    character === '\n' || character === '\t' ? character : `\\u${hex(character, 4)}`,
  );
}

function shown(character: string): string {
  switch (character) {
    case '\n':
      return '\\n';
    case '\r':
      return '\\r';
    case '\t':
      return '\\t';
  }
  return character.charCodeAt(0) > 0xff ? `\\u${hex(character, 4)}` : `\\x${hex(character, 2)}`;
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, '0');
}
