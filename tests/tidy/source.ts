// What the rules look at: our files, as they are and with what is no code blanked out.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blank } from './blank.ts';

/** Root of the repository. */
export const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** One file of TypeScript or JavaScript. */
export type Source = {
  /** From the root, with slashes: `services/kernel/clock/clock.ts`. */
  readonly path: string;
  readonly text: string;
  /** The text line by line. */
  readonly lines: readonly string[];
  /** The same lines with comments blanked out; strings are kept. */
  readonly uncommented: readonly string[];
  /** The same lines with comments and strings blanked out: nothing but code. */
  readonly code: readonly string[];
  /** Tests, and what only tests use. */
  readonly isTest: boolean;
};

/** Folders that hold nothing of ours, or what is generated. */
const SKIPPED = new Set(['node_modules', 'gen', 'coverage', 'dist', '.git', '.dagmesh']);

/** Reads a source; for fixtures, pass the text. */
export function sourceOf(path: string, text: string): Source {
  const { uncommented, code } = blank(text);
  return {
    path,
    text,
    lines: text.split('\n'),
    uncommented: uncommented.split('\n'),
    code: code.split('\n'),
    isTest: isTestPath(path),
  };
}

/** Everything below these folders, in a fixed order. */
export function readSources(folders: readonly string[]): Source[] {
  return filesBelow(folders)
    .filter((path) => /\.(ts|mjs)$/.test(path))
    .map((path) => sourceOf(path, readFileSync(join(repository, path), 'utf8')));
}

/** Paths of all files below these folders, from the root. */
export function filesBelow(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => walk(folder)).toSorted();
}

/**
 * What a file imports, as it is written: relative paths, packages, `#` names. Type imports count.
 */
export function importsOf(
  source: Source,
): readonly { readonly name: string; readonly line: number }[] {
  const text = source.uncommented.join('\n');
  const pattern =
    /\b(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g;
  const code = source.code.join('\n');
  return [...text.matchAll(pattern)]
    .filter(({ index }) => code[index] === text[index])
    .map((match) => ({
      name: match[1] ?? match[2] ?? '',
      line: lineAt(text, match.index + match[0].length),
    }));
}

/** Where an import leads, from the root; undefined for packages and built-ins. */
export function targetOf(source: Source, name: string): string | undefined {
  if (name.startsWith('#')) return `services/${name.slice(1)}`;
  if (name.startsWith('.')) return posix.join(posix.dirname(source.path), name);
  return undefined;
}

/** The line, from 1, of a position in a text. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

function isTestPath(path: string): boolean {
  return (
    path.startsWith('tests/') ||
    /\.test\.ts$|(^|\/)(test|fake)-[^/]*\.ts$|\/(testkit|testing|fixtures)\//.test(path)
  );
}

function walk(folder: string): string[] {
  return readdirSync(join(repository, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : walk(path);
    return entry.isFile() ? [path] : [];
  });
}
