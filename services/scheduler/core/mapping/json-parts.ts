// The parts of a JSON text as they are written in it. Numbers keep all their digits and fields
// their order, which values of JavaScript would lose.

/** The elements of a list as JSON; undefined when the text is no list. */
export function elementsIn(json: string): readonly string[] | undefined {
  return json.trimStart().startsWith('[') ? partsIn(json) : undefined;
}

/** The fields of an object with their values as JSON; undefined when the text is no object. */
export function fieldsIn(json: string): ReadonlyMap<string, string> | undefined {
  if (!json.trimStart().startsWith('{')) return undefined;
  return new Map(
    partsIn(json).map((part) => {
      const end = endOfString(part, 0);
      const name: unknown = JSON.parse(part.slice(0, end));
      return [String(name), part.slice(part.indexOf(':', end) + 1).trim()] as const;
    }),
  );
}

/** What stands between the commas of the outermost brackets. The text must be JSON. */
function partsIn(json: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (char === '"') at = endOfString(json, at) - 1;
    const isOpening = char === '[' || char === '{';
    const isClosing = char === ']' || char === '}';
    if (isOpening) depth += 1;
    if (isClosing) depth -= 1;
    const isEnd = (isClosing && depth === 0) || (char === ',' && depth === 1);
    if (isEnd) parts.push(json.slice(from, at).trim());
    if (isEnd || (isOpening && depth === 1)) from = at + 1;
  }
  return parts.length === 1 && parts[0] === '' ? [] : parts;
}

/** The place behind a string that begins at `at`. */
function endOfString(json: string, at: number): number {
  for (let end = at + 1; end < json.length; end++) {
    if (json[end] === '\\') end += 1;
    else if (json[end] === '"') return end + 1;
  }
  return json.length;
}
