// Looks at the files that a pattern stands for: which there are, and when each was changed.
import { lstat, stat } from 'node:fs/promises';
import { findPaths } from './find-paths.ts';

/** Files as they were found. */
export type FilesSeen = {
  /** Sorted. */
  readonly paths: readonly string[];
  /** When each of them was changed last, in the same order; ISO 8601. */
  readonly changedAt: readonly string[];
};

/** Files asked about at once. */
const ASKED_AT_ONCE = 50;

/**
 * Finds the paths that match, as `findPaths` does. Of a link the time of what it leads to counts. A
 * file that vanishes during the look is not there.
 */
export async function lookAtFiles(pattern: string, signal: AbortSignal): Promise<FilesSeen> {
  const found = await findPaths(pattern, signal);
  const paths: string[] = [];
  const changedAt: string[] = [];
  for (let from = 0; from < found.length; from += ASKED_AT_ONCE) {
    signal.throwIfAborted();
    const some = found.slice(from, from + ASKED_AT_ONCE);
    const times = await Promise.all(some.map(timeOf));
    for (const [index, path] of some.entries()) {
      const time = times[index];
      if (time === undefined) continue;
      paths.push(path);
      changedAt.push(time.toISOString());
    }
  }
  return { paths, changedAt };
}

async function timeOf(path: string): Promise<Date | undefined> {
  // A link that leads nowhere is there all the same.
  const found = await stat(path).catch(() => lstat(path).catch(() => undefined));
  return found?.mtime;
}
