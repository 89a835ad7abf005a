// Finds the paths that a pattern stands for, one folder at a time, with every look bounded.
import type { Dirent } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { fail } from '#kernel/errors/errors.ts';
import { namePattern } from './name-pattern.ts';

/** Most paths that are answered; more are not looked for. */
const PATHS_MAX = 1_000;

/** Most bytes of paths that are answered. */
const PATHS_SIZE_MAX = 128 * 1024;

/** Most names that one look reads. */
const NAMES_MAX = 100_000;

type Look = { readonly found: Set<string>; size: number; namesCount: number; signal: AbortSignal };

/**
 * The paths that match, sorted. `*` and `?` stand for any part of a name, `**` as a whole name for
 * any number of folders (links are not followed there). A pattern that ends with a wildcard means
 * files, one that ends with a name means whatever has it. Throws `limit_reached` for a pattern that
 * leads through more than 100,000 names.
 */
export async function findPaths(pattern: string, signal: AbortSignal): Promise<readonly string[]> {
  if (!isAbsolute(pattern)) throw fail('bad_request', `${pattern} is no absolute path; name one`);
  const look: Look = { found: new Set(), size: 0, namesCount: 0, signal };
  const names = pattern.split('/').filter((name) => name !== '');
  await search('/', names, look);
  return [...look.found].sort();
}

async function search(folder: string, names: readonly string[], look: Look): Promise<void> {
  look.signal.throwIfAborted();
  if (isFull(look)) return;
  const plainCount = names.findIndex((name) => /[*?]/.test(name));
  if (plainCount < 0) return searchPlain(join(folder, ...names), look);
  const from = join(folder, ...names.slice(0, plainCount));
  const [name = '', ...rest] = names.slice(plainCount);
  await (name === '**' ? searchDeep(from, rest, look) : searchNamed(from, [name, ...rest], look));
}

async function searchPlain(path: string, look: Look): Promise<void> {
  if ((await lstat(path).catch(undefinedWhenAway)) !== undefined) add(path, look);
}

/** Entries of a folder with matching names; what is left of the pattern is looked for in them. */
async function searchNamed(
  folder: string,
  [name = '', ...rest]: readonly string[],
  look: Look,
): Promise<void> {
  const isMatch = namePattern(name);
  for await (const entry of entriesOf(folder, look)) {
    if (!isMatch(entry.name)) continue;
    const path = join(folder, entry.name);
    if (rest.length > 0) {
      if (!entry.isFile()) await search(path, rest, look);
    } else if (!entry.isDirectory()) add(path, look);
  }
}

/** What is left of the pattern, here and in every folder below. */
async function searchDeep(folder: string, rest: readonly string[], look: Look): Promise<void> {
  if (rest.length > 0) await search(folder, rest, look);
  for await (const entry of entriesOf(folder, look)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await searchDeep(path, rest, look);
    else if (rest.length === 0) add(path, look);
  }
}

/** Nothing for a folder that is not there, is none, or may not be read. */
async function* entriesOf(folder: string, look: Look): AsyncGenerator<Dirent> {
  const opened = await opendir(folder).catch(undefinedWhenAway);
  if (opened === undefined) return;
  for await (const entry of opened) {
    look.signal.throwIfAborted();
    look.namesCount += 1;
    if (look.namesCount > NAMES_MAX) {
      throw fail(
        'limit_reached',
        `the pattern leads through more than ${NAMES_MAX} names; make it more precise`,
      );
    }
    if (isFull(look)) return;
    yield entry;
  }
}

function add(path: string, look: Look): void {
  look.found.add(path);
  look.size += Buffer.byteLength(path) + 3;
}

function isFull({ found, size }: Look): boolean {
  return found.size >= PATHS_MAX || size >= PATHS_SIZE_MAX;
}

const AWAY: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP']);

function undefinedWhenAway(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && AWAY.has(error.code)) return undefined;
  throw error;
}
