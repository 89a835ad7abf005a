// A file that nobody imports is dead: the one rule that needs to see all files at once.
import { basename } from 'node:path';
import type { Violation } from '../rule.ts';
import { importsOf, type Source, targetOf } from '../source.ts';

/** Files that are started, not imported. */
const ENTRIES = /(^|\/)main\.ts$|\.test\.ts$|\.config\.ts$|(^|[/-])dags\//;

/**
 * Files that no other file imports or names in quotes (as one does to start it). `others` are texts
 * that may name files: package.json, shell scripts, Python.
 */
export function unusedFiles(
  sources: readonly Source[],
  others: readonly string[],
): readonly Violation[] {
  const imported = new Set(
    sources.flatMap((source) =>
      importsOf(source)
        .map(({ name }) => targetOf(source, name))
        .filter((path) => path !== source.path),
    ),
  );
  return sources
    .filter(({ path }) => !ENTRIES.test(path) && !imported.has(path))
    .filter((source) => !isNamed(source, sources, others))
    .map(({ path }) => ({ path, line: 0, message: 'nobody imports it; delete it' }));
}

function isNamed(source: Source, sources: readonly Source[], others: readonly string[]): boolean {
  const file = basename(source.path).replaceAll('.', '\\.');
  const quoted = new RegExp(`['"\`/]${file}['"\`]`);
  const plain = new RegExp(`[\\s'"/]${file}\\b`);
  return (
    sources.some((other) => other !== source && quoted.test(other.uncommented.join('\n'))) ||
    others.some((text) => plain.test(text))
  );
}
