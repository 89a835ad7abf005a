// Finds the name an author probably meant.

/** Longer names, and more of them, are not compared: the search must stay cheap for any file. */
const NAME_LENGTH_MAX = 64;
const CANDIDATES_MAX = 1_000;

/** ` (did you mean "x"?)` for the nearest known name, or nothing when none is near. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
}

/**
 * The known name with the fewest letters to change; undefined when that is more than a third of
 * them.
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let distanceMin = Math.max(2, Math.floor(name.length / 3)) + 1;
  let candidatesCount = 0;
  if (name.length > NAME_LENGTH_MAX) return undefined;
  for (const candidate of known) {
    if (++candidatesCount > CANDIDATES_MAX) break;
    if (Math.abs(candidate.length - name.length) >= distanceMin) continue;
    const distance = editDistance(name, candidate);
    if (distance < distanceMin) {
      distanceMin = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/** Levenshtein distance: letters to insert, remove or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
