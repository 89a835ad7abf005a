// Reads a DAG file with all it imports from the DAG folder, and sums them up in one digest.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { DagSource } from '../core/dag-source.ts';
import { localImports } from '../core/local-imports.ts';

/** A DAG file's text and what belongs to it. */
export type ReadSource =
  | {
      readonly kind: 'source';
      readonly source: DagSource;
      /** SHA-256, hex: of the file, or of the file and its imports where it has any. */
      readonly digest: string;
      /** The files of the DAG folder that it imports, directly or not. */
      readonly imports: readonly string[];
    }
  /** There is no such file. */
  | { readonly kind: 'gone' }
  /** It must not, or cannot, be read. */
  | { readonly kind: 'unreadable'; readonly cause: string };

const FILE_BYTES_MAX = 4 * 1024 * 1024;
const IMPORTS_MAX = 200;

/** Reads a file of the folder; never throws. */
export async function readSource(root: string, path: string): Promise<ReadSource> {
  const read = await readText(root, path);
  if (read.kind !== 'text') return read;
  const source: DagSource = { path, text: read.text };
  const imports = await readImports(root, source);
  const own = sha256(read.text);
  if (imports.size === 0) return { kind: 'source', source, digest: own, imports: [] };
  const sums = [...imports]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => `${name}\0${sha256(text)}`);
  const digest = sha256([own, ...sums].join('\n'));
  return { kind: 'source', source, digest, imports: [...imports.keys()] };
}

async function readImports(root: string, source: DagSource): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const waiting = [...localImports(source)];
  const seen = new Set([source.path]);
  for (
    let path = waiting.pop();
    path !== undefined && texts.size < IMPORTS_MAX;
    path = waiting.pop()
  ) {
    if (seen.has(path)) continue;
    seen.add(path);
    const read = await readText(root, path);
    if (read.kind !== 'text') continue;
    texts.set(path, read.text);
    waiting.push(...localImports({ path, text: read.text }));
  }
  return texts;
}

type ReadText =
  | { readonly kind: 'text'; readonly text: string }
  | Exclude<ReadSource, { kind: 'source' }>;

async function readText(root: string, path: string): Promise<ReadText> {
  try {
    // Without blocking, so that a pipe in the place of a file holds nobody up.
    const file = await open(join(root, path), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = await file.stat();
      if (!found.isFile()) return { kind: 'unreadable', cause: 'it is no ordinary file' };
      if (found.size > FILE_BYTES_MAX) {
        const cause = `the file has ${found.size} bytes; at most ${FILE_BYTES_MAX} are read`;
        return { kind: 'unreadable', cause };
      }
      return { kind: 'text', text: await file.readFile('utf8') };
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'gone' };
    return { kind: 'unreadable', cause: `the file cannot be read: ${String(code || error)}` };
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
