// What any file of a tree may use without naming it: a change of that is a change of every file.
import { createHash } from 'node:crypto';
import { mayDeclareDags } from '../core/file/dag-source.ts';
import { readText } from '../folder/read-source.ts';
import { type IgnoreSyntax, scanFolder } from '../folder/scan-folder.ts';

/** A file of a commit, as `git ls-tree` lists it. */
const LISTED = /^(\d+) \w+ ([0-9a-f]+)\t(.+)$/s;
const ORDINARY = /^100/;

/**
 * A digest of all files but those that are read as DAG files and may declare DAGs. `listing` is
 * what `git ls-tree -r -z` says of the tree, `root` where the tree is checked out.
 *
 * A file that declares DAGs is used by those that import it by name, which is seen. Everything else
 * (a module, a query, a list of tables) may be used in ways that nobody sees, so that it counts for
 * all: a version too many costs a row, one too few runs old code.
 */
export async function surroundingsOf(
  listing: string,
  root: string,
  ignoreSyntax: IgnoreSyntax,
): Promise<string> {
  const sum = createHash('sha256');
  const { files } = await scanFolder(root, ignoreSyntax);
  for (const line of listing.split('\0')) {
    const [, mode = '', , path = ''] = LISTED.exec(line) ?? [];
    const isOwn = ORDINARY.test(mode) && files.has(path) && (await isDagFile(root, path));
    if (!isOwn) sum.update(`${line}\0`);
  }
  return sum.digest('hex');
}

async function isDagFile(root: string, path: string): Promise<boolean> {
  const read = await readText(root, path);
  return read.kind === 'text' && mayDeclareDags({ path, text: read.text });
}
