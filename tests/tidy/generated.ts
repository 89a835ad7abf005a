// Reads folders of generated code, to compare them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths below a folder that end so, with slashes, in a fixed order. */
export function filesIn(folder: string, ending: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith(ending))
    .toSorted();
}

/** All TypeScript below a folder, by path. */
export function readTree(folder: string): ReadonlyMap<string, string> {
  return new Map(
    filesIn(folder, '.ts').map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  );
}
