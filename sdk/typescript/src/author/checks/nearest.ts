// Finds the option an author probably meant.

/** Longer names are not compared: nobody mistypes that much. */
const NAME_LENGTH_MAX = 64;

/** ` (did you mean "x"?)` for the nearest known name, or nothing when none is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  if (name.length > NAME_LENGTH_MAX) return '';
  const ranked = known
    .map((each) => ({ each, distance: distance(plain(name), plain(each)) }))
    .toSorted((a, b) => a.distance - b.distance);
  const [best] = ranked;
  const isNear = best !== undefined && best.distance <= Math.max(2, Math.floor(name.length / 3));
  return isNear ? ` (did you mean "${best.each}"?)` : '';
}

/** Whoever comes from Airflow writes `start_date`. */
function plain(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/** Levenshtein distance: letters to insert, remove or replace. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (letter === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
