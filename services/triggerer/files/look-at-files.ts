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

/**
 * Finds the paths that match, as `findPaths` does. Of a link the time of what it leads to counts. A
 * file that vanishes during the look is not there. Asks the file system one thing at a time: a
 * storage that does not answer holds a thread of this process until it does.
 */
export async function lookAtFiles(pattern: string, signal: AbortSignal): Promise<FilesSeen> {
  const paths: string[] = [];
  const changedAt: string[] = [];
  for (const path of await findPaths(pattern, signal)) {
    signal.throwIfAborted();
    const time = await timeOf(path);
    if (time === undefined) continue;
    paths.push(path);
    changedAt.push(time.toISOString());
  }
  return { paths, changedAt };
}

async function timeOf(path: string): Promise<Date | undefined> {
  // A link that leads nowhere is there all the same.
  const found = await stat(path).catch(() => lstat(path).catch(() => undefined));
  return found?.mtime;
}
