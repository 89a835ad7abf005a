// Looks through the DAG folder: which DAG files there are, and whether they are as they were.
import type { Dirent } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import { languageOf } from '../core/file/dag-source.ts';
import { type IgnoreRules, parseIgnoreRules } from '../core/file/ignore-rules.ts';
import { parseIgnorePatterns } from './ignore-patterns.ts';

/** A DAG file as it was seen; its content was not read. */
export type SeenFile = {
  /** Relative to the DAG folder, with forward slashes. */
  readonly path: string;
  /** Another one means that the file may have changed. */
  readonly signature: string;
  /** Why it must not be read; undefined for an ordinary file. */
  readonly refusal: string | undefined;
};

/** What a look through the folder found. */
export type FolderView = {
  /** By path; those of a folder before those of its subfolders. */
  readonly files: ReadonlyMap<string, SeenFile>;
  /** Absolute paths of the folders that hold them, the DAG folder first. */
  readonly folders: readonly string[];
  /** Links to folders, which are not followed. */
  readonly linkedFolders: readonly string[];
  /** Lines of ignore files that are left out of account, as `<file>: <line>`. */
  readonly unusableRules: readonly string[];
  /** True when there were more files than are read. */
  readonly isCut: boolean;
};

/** How many DAG files a folder may have. */
export const FILES_MAX = 10_000;

const FOLDERS_MAX = 10_000;
const DEPTH_MAX = 32;
/** For folders that come from there. */
const AIRFLOW_IGNORE_FILE = '.airflowignore';
/** What ours says counts more. */
const IGNORE_FILES = [AIRFLOW_IGNORE_FILE, '.dagmeshignore'];
const IGNORE_FILE_BYTES_MAX = 65_536;

/** How an `.airflowignore` is written. */
export type IgnoreSyntax = 'glob' | 'regexp';

type Walk = {
  readonly root: string;
  readonly syntax: IgnoreSyntax;
  readonly realRoot: string;
  readonly files: Map<string, SeenFile>;
  readonly folders: string[];
  readonly linkedFolders: string[];
  readonly unusableRules: string[];
  isCut: boolean;
};

/** Rules hold below the folder that they were found in; paths are judged as seen from `folder`. */
type ScopedRules = { readonly folder: string; readonly rules: IgnoreRules };

/**
 * Walks the folder. Leaves out names that begin with `.` or `_`, `node_modules`, and what ignore
 * files name. Throws when a folder cannot be read: files that are out of sight must not be taken
 * for files that are gone.
 */
export async function scanFolder(root: string, syntax: IgnoreSyntax = 'glob'): Promise<FolderView> {
  const realRoot = await realpath(root);
  const walk: Walk = {
    root,
    syntax,
    realRoot,
    files: new Map(),
    folders: [],
    linkedFolders: [],
    unusableRules: [],
    isCut: false,
  };
  await walkFolder(walk, '', []);
  return walk;
}

/**
 * A signature of a file that is not listed itself (an import of one that is); undefined when there
 * is none.
 */
export async function signatureOf(root: string, path: string): Promise<string | undefined> {
  try {
    const found = await stat(join(root, path));
    return found.isFile() ? signature(found) : undefined;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

async function walkFolder(walk: Walk, folder: string, inherited: readonly ScopedRules[]) {
  const absolute = join(walk.root, folder);
  const entries = await readdir(absolute, { withFileTypes: true }).catch((error: unknown) => {
    // A folder may go between being listed and being read; the DAG folder itself must be there.
    if (isGone(error) && folder !== '') return [];
    throw error;
  });
  walk.folders.push(absolute);
  const rules = [...inherited, ...(await ownRules(walk, folder, entries))];
  for (const entry of entries.sort(filesFirst)) {
    const path = posix.join(folder, entry.name);
    if (isLeftOutByName(entry.name) || isIgnored(path, entry.isDirectory(), rules)) continue;
    if (entry.isDirectory()) {
      const isTooDeep = path.split('/').length > DEPTH_MAX || walk.folders.length >= FOLDERS_MAX;
      if (isTooDeep) walk.isCut = true;
      else await walkFolder(walk, path, rules);
    } else if (entry.isFile() || entry.isSymbolicLink()) {
      await look(walk, path, entry);
    }
  }
}

/** Files are read in the order in which they are found: first those nearest to the root. */
function filesFirst(a: Dirent, b: Dirent): number {
  const byKind = Number(a.isDirectory()) - Number(b.isDirectory());
  return byKind === 0 ? (a.name < b.name ? -1 : 1) : byKind;
}

function isLeftOutByName(name: string): boolean {
  return name.startsWith('.') || name.startsWith('_') || name === 'node_modules';
}

/** The innermost rules that say something decide. */
function isIgnored(path: string, isFolder: boolean, scoped: readonly ScopedRules[]): boolean {
  const judge = ({ folder, rules }: ScopedRules) => rules(posix.relative(folder, path), isFolder);
  const decisive = scoped.findLast((each) => judge(each) !== undefined);
  return decisive !== undefined && judge(decisive) === true;
}

async function look(walk: Walk, path: string, entry: Dirent): Promise<void> {
  const absolute = join(walk.root, path);
  let refusal: string | undefined;
  try {
    const found = await stat(absolute);
    if (entry.isSymbolicLink()) {
      if (found.isDirectory()) walk.linkedFolders.push(path);
      else if (!isInside(await realpath(absolute), walk.realRoot)) {
        refusal = 'the file is a link to a place outside the DAG folder; copy what it links to';
      }
    }
    if (!found.isFile() || languageOf(path) === undefined) return;
    if (walk.files.size >= FILES_MAX) walk.isCut = true;
    else walk.files.set(path, { path, signature: signature(found), refusal });
  } catch (error) {
    // It went while we looked, or it is a link to nothing.
    if (!isGone(error)) throw error;
  }
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

async function ownRules(
  walk: Walk,
  folder: string,
  entries: readonly Dirent[],
): Promise<readonly ScopedRules[]> {
  const found: ScopedRules[] = [];
  for (const name of IGNORE_FILES) {
    if (!entries.some((entry) => entry.name === name && entry.isFile())) continue;
    const path = posix.join(folder, name);
    const whole = await readFile(join(walk.root, path), 'utf8');
    const text = whole.slice(0, IGNORE_FILE_BYTES_MAX);
    if (name === AIRFLOW_IGNORE_FILE && walk.syntax === 'regexp') {
      const { rules, unusable } = parseIgnorePatterns(text);
      walk.unusableRules.push(...unusable.map((line) => `${path}: ${line}`));
      found.push({ folder: '', rules });
    } else found.push({ folder, rules: parseIgnoreRules(text) });
  }
  return found;
}

// The inode and the time of its last change tell apart what has the same size and the same time of
// writing.
function signature(found: { size: number; mtimeMs: number; ctimeMs: number; ino: number }): string {
  return `${found.size}:${found.mtimeMs}:${found.ctimeMs}:${found.ino}`;
}

function isGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP';
}
