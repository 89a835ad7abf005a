// Which paths an ignore file of globs leaves out: globs as in .gitignore, matched in linear time.

/**
 * Whether the rules leave a path out; undefined when they say nothing of it. Paths are relative to
 * the folder of the rules, with forward slashes.
 */
export type IgnoreRules = (path: string, isFolder: boolean) => boolean | undefined;

type Rule = {
  readonly segments: readonly Segment[];
  readonly foldersOnly: boolean;
  readonly includes: boolean;
};

/** A name with signs for letters, or `**` for any names. */
type Segment = readonly Sign[] | '**';

/** What one letter must be; `*` for any letters. */
type Sign = '*' | ((letter: string) => boolean);

const RULES_MAX = 1_000;

/**
 * Reads rules, one glob a line: `*`, `?` and `[a-z]` within a name, `**` over folders, `/` at the
 * start or in the middle to anchor, at the end for folders only, `!` to take back what an earlier
 * line left out, `#` for comments, and a backslash before a sign that is meant as a letter. The
 * last line that matches decides.
 */
export function parseIgnoreRules(text: string): IgnoreRules {
  const rules = text
    .split(/\r?\n/)
    .map((line) => line.replace(/(?<!\\)\s+$/, ''))
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .slice(0, RULES_MAX)
    .map(parseRule);
  return (path, isFolder) => {
    const names = path.split('/');
    const decisive = rules.findLast(
      (rule) => (isFolder || !rule.foldersOnly) && matchesAll(rule.segments, names),
    );
    return decisive === undefined ? undefined : !decisive.includes;
  };
}

function parseRule(line: string): Rule {
  const includes = line.startsWith('!');
  const glob = (includes ? line.slice(1) : line).replace(/\/+$/, '');
  const foldersOnly = line.endsWith('/');
  const segments = glob
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment): Segment => (segment === '**' ? '**' : parseSegment(segment)));
  // A name alone matches at any depth; one with a slash in it is meant from here.
  const isAnchored = glob.includes('/');
  return { segments: isAnchored ? segments : ['**', ...segments], foldersOnly, includes };
}

const SIGNS = /\\(.)|\[([!^]?)(\]?[^\]]*)\]|[\s\S]/gu;

function parseSegment(segment: string): readonly Sign[] {
  return [...segment.matchAll(SIGNS)].map(([sign, escaped, not, letters]): Sign => {
    if (escaped !== undefined) return (letter) => letter === escaped;
    if (letters !== undefined) return letterClass(letters, not !== '');
    if (sign === '?') return () => true;
    return sign === '*' ? '*' : (letter) => letter === sign;
  });
}

/** `a-z_`: letters, and ranges of them. */
function letterClass(letters: string, isInverted: boolean): Sign {
  const ranges = [...letters.matchAll(/([\s\S])-([\s\S])|[\s\S]/gu)].map(
    ([alone, from = alone, to = alone]) => ({ from, to }),
  );
  return (letter) => ranges.some(({ from, to }) => from <= letter && letter <= to) !== isInverted;
}

function matchesAll(segments: readonly Segment[], names: readonly string[]): boolean {
  return matchesWithStar(segments, names, {
    isStar: (segment) => segment === '**',
    matches: (segment, name) => segment !== '**' && matchesName(segment, name),
  });
}

function matchesName(signs: readonly Sign[], name: string): boolean {
  return matchesWithStar(signs, [...name], {
    isStar: (sign) => sign === '*',
    matches: (sign, letter) => sign !== '*' && sign(letter),
  });
}

/**
 * Whether a pattern matches a whole text, element by element, where a star stands for any number of
 * elements. Going back to the latest star is enough: what an earlier one could take, the latest can
 * take as well.
 */
function matchesWithStar<P, T>(
  pattern: readonly P[],
  text: readonly T[],
  { isStar, matches }: { isStar: (sign: P) => boolean; matches: (sign: P, element: T) => boolean },
): boolean {
  let at = 0;
  let star: { readonly next: number; taken: number } | undefined;
  for (let read = 0; read < text.length; ) {
    const sign = pattern[at];
    const element = text[read] as T;
    if (sign !== undefined && isStar(sign)) {
      star = { next: ++at, taken: read };
    } else if (sign !== undefined && matches(sign, element)) {
      at++;
      read++;
    } else if (star !== undefined) {
      at = star.next;
      read = ++star.taken;
    } else return false;
  }
  return pattern.slice(at).every(isStar);
}
