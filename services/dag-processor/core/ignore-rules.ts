// Which paths a `.dagmeshignore` leaves out: globs as in .gitignore, matched in linear time.

/**
 * Whether the rules leave a path out; paths are relative to the folder of the rules, with forward
 * slashes.
 */
export type IgnoreRules = (path: string, isFolder: boolean) => boolean;

type Rule = {
  readonly segments: readonly string[];
  readonly foldersOnly: boolean;
  readonly includes: boolean;
};

const RULES_MAX = 1_000;

/**
 * Reads rules, one glob a line: `*` and `?` within a name, `**` over folders, `/` at the start to
 * anchor, at the end for folders only, `!` to take back what an earlier line left out, `#` for
 * comments. The last line that matches decides.
 */
export function parseIgnoreRules(text: string): IgnoreRules {
  const rules = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .slice(0, RULES_MAX)
    .map(parseRule);
  return (path, isFolder) => {
    const names = path.split('/');
    const decisive = rules.findLast(
      (rule) => (isFolder || !rule.foldersOnly) && matchesAll(rule.segments, names),
    );
    return decisive !== undefined && !decisive.includes;
  };
}

function parseRule(line: string): Rule {
  const includes = line.startsWith('!');
  const glob = (includes ? line.slice(1) : line).replace(/\/+$/, '');
  const foldersOnly = line.endsWith('/');
  const segments = glob.split('/').filter((segment) => segment !== '');
  // A name alone matches at any depth; one with a slash in it is meant from here.
  const isAnchored = glob.includes('/');
  return { segments: isAnchored ? segments : ['**', ...segments], foldersOnly, includes };
}

function matchesAll(segments: readonly string[], names: readonly string[]): boolean {
  return matchesWithStar(segments, names, {
    isStar: (segment) => segment === '**',
    matches: matchesName,
  });
}

function matchesName(segment: string, name: string): boolean {
  return matchesWithStar([...segment], [...name], {
    isStar: (sign) => sign === '*',
    matches: (sign, letter) => sign === '?' || sign === letter,
  });
}

/**
 * Whether a pattern matches a whole text, element by element, where a star stands for any number of
 * elements. Going back to the latest star is enough: what an earlier one could take, the latest can
 * take as well.
 */
function matchesWithStar<T>(
  pattern: readonly T[],
  text: readonly T[],
  { isStar, matches }: { isStar: (sign: T) => boolean; matches: (sign: T, element: T) => boolean },
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
