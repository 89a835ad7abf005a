// Matching names against patterns, in time that no pattern can make explode.

/** Says whether a name matches. */
export type NamePattern = (name: string) => boolean;

/**
 * Compiles a pattern: `*` stands for any characters, `?` for one. A regular expression would do the
 * same, but try `*a*a*a*a` in every possible way on a name that does not match, and stop the event
 * loop for hours; this takes at most as many steps as both lengths multiplied.
 */
export function namePattern(pattern: string): NamePattern {
  const wanted = [...pattern];
  return (name) => matches(wanted, [...name]);
}

/** Only the last star ever has to take more: what lies before it fits already. */
function matches(wanted: readonly string[], name: readonly string[]): boolean {
  let at = 0;
  let star = -1;
  let starEnd = 0;
  for (let seen = 0; seen < name.length; ) {
    if (wanted[at] === '*') {
      star = at;
      starEnd = seen;
      at += 1;
    } else if (wanted[at] === '?' || wanted[at] === name[seen]) {
      at += 1;
      seen += 1;
    } else if (star >= 0) {
      starEnd += 1;
      seen = starEnd;
      at = star + 1;
    } else {
      return false;
    }
  }
  return wanted.slice(at).every((each) => each === '*');
}
