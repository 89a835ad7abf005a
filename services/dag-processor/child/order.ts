// What a reading child is asked: its arguments, and the user it becomes before it opens the file.
import { relative } from 'node:path';

/** The file to read. */
export type Order = {
  /** Absolute. */
  readonly file: string;
  /** Relative to the DAG folder. */
  readonly path: string;
};

/**
 * Reads the arguments FILE FOLDER [UID] and gives up the current user when told to. Without
 * arguments the program has done all it was started for: by now Node has compiled it, and keeps
 * that for the children to come.
 */
export function takeOrder(): Order {
  const [file, root, uid] = process.argv.slice(2);
  if (file === undefined || root === undefined) process.exit(0);
  if (uid !== undefined) becomeUser(Number(uid));
  return { file, path: relative(root, file) };
}

// Groups first: a user who is no longer root may not change them.
function becomeUser(uid: number): void {
  process.setgroups?.([]);
  process.setgid?.(uid);
  process.setuid?.(uid);
}
