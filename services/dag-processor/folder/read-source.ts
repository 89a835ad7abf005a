// Reads a DAG file with all it imports from the DAG folder, and sums them up in one digest.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { DagSource } from '../core/file/dag-source.ts';
import { localImports } from '../core/file/local-imports.ts';

/** A DAG file's text and what belongs to it. */
export type ReadSource =
  | {
      readonly kind: 'source';
      readonly source: DagSource;
      /** SHA-256, hex: of the file, or of the file and its imports where it has any. */
      readonly digest: string;
      /**
       * What it may import from the DAG folder, directly or not; some of it may not be there, or
       * not yet.
       */
      readonly imports: readonly string[];
    }
  /** There is no such file. */
  | { readonly kind: 'gone' }
  /** It must not, or cannot, be read. */
  | { readonly kind: 'unreadable'; readonly cause: string };

const FILE_BYTES_MAX = 4 * 1024 * 1024;
const IMPORTS_MAX = 1_000;

/** Reads a file of the folder; never throws. */
export async function readSource(root: string, path: string): Promise<ReadSource> {
  const read = await readText(root, path);
  if (read.kind !== 'text') return read;
  const source: DagSource = { path, text: read.text };
  const { texts, paths } = await readImports(root, source);
  const own = sha256(read.text);
  const sums = [...texts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => `${name}\0${sha256(text)}`);
  const digest = sums.length === 0 ? own : sha256([own, ...sums].join('\n'));
  return { kind: 'source', source, digest, imports: paths };
}

async function readImports(root: string, source: DagSource) {
  const texts = new Map<string, string>();
  const wanted = new Set(localImports(source));
  // A set can grow while it is walked.
  for (const path of wanted) {
    const read = path === source.path ? undefined : await readText(root, path);
    if (read?.kind !== 'text') continue;
    texts.set(path, read.text);
    for (const next of localImports({ path, text: read.text })) {
      if (wanted.size < IMPORTS_MAX) wanted.add(next);
    }
  }
  return { texts, paths: [...wanted].filter((path) => path !== source.path) };
}

/** A file's text, or why there is none. */
export type ReadText =
  | { readonly kind: 'text'; readonly text: string }
  | Exclude<ReadSource, { kind: 'source' }>;

/** Reads one file that is not too large; never throws. */
export async function readText(root: string, path: string): Promise<ReadText> {
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
