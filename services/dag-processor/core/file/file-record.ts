// What is remembered of a DAG file, and when it has to be looked at again.

import type { DagSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';

/** What a file was found to hold. */
export type FileContent =
  /** Checked, with every default filled in. */
  | { readonly kind: 'dags'; readonly dags: readonly DagSpec[] }
  /** Why it cannot be used, as an author reads it. */
  | { readonly kind: 'error'; readonly text: string };

/** A DAG file and its last reading. */
export type FileRecord = {
  /** The catalog's. */
  readonly path: string;
  /** Of the content that the catalog has; empty when it has none that can be relied on. */
  readonly digest: string;
  /** The DAGs it declares; empty as long as it was not read since we started. */
  readonly dagIds: readonly string[];
  /** Why it cannot be used; empty when it can. */
  readonly error: string;
  /**
   * Whether one of its DAGs or assets belongs to another file, so that it has to be offered again
   * when that one gives it up.
   */
  readonly isTaken: boolean;
  /** Epoch ms; undefined as long as it was not read since we started. */
  readonly readAtMs: number | undefined;
  readonly durationMs: number;
  /** Signatures of the file and its imports by path in the bundle, when it was last looked at. */
  readonly signatures: ReadonlyMap<string, string | undefined>;
};

/** A file as the catalog has it. */
export type CatalogEntry = {
  readonly path: string;
  readonly digest: string;
  readonly hasError: boolean;
};

/** The record of a file that the catalog knows from before. */
export function recordFromCatalog(file: CatalogEntry): FileRecord {
  // What was wrong may have been around the file and not in it, so a file with an error is read
  // again.
  return { ...unreadRecord(file.path), digest: file.hasError ? '' : file.digest };
}

/** The record of a file that nothing is known of. */
export function unreadRecord(path: string): FileRecord {
  return {
    path,
    digest: '',
    dagIds: [],
    error: '',
    isTaken: false,
    readAtMs: undefined,
    durationMs: 0,
    signatures: new Map(),
  };
}

/** The imports of records that are no DAG files themselves, so that nobody lists them. */
export function unlistedImports(
  records: Iterable<FileRecord>,
  isListed: (path: string) => boolean,
): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const { signatures } of records) {
    for (const path of signatures.keys()) if (!isListed(path)) paths.add(path);
  }
  return paths;
}

/**
 * The files to look at: gone ones (first, so that what they held is free for others), new ones, and
 * those whose signature, or that of an import, is another than when they were last looked at.
 * `signatures` holds all files that are there now.
 */
export function filesToLookAt(
  records: ReadonlyMap<string, FileRecord>,
  listed: Iterable<string>,
  signatures: ReadonlyMap<string, string | undefined>,
): readonly string[] {
  const isListed = new Set(listed);
  const paths = [...isListed].filter((path) => {
    const record = records.get(path);
    return record === undefined || isStale(record, signatures);
  });
  const gone = [...records.keys()].filter((path) => !isListed.has(path));
  return [...gone, ...paths];
}

function isStale(record: FileRecord, signatures: ReadonlyMap<string, string | undefined>): boolean {
  if (record.signatures.size === 0) return true;
  for (const [path, signature] of record.signatures) {
    if (signatures.get(path) !== signature) return true;
  }
  return false;
}

/**
 * The files that the catalog has otherwise than it was told, as after it was restored from a
 * backup: those to store again, and those it should not have. Files that are being read do not
 * count.
 */
export function catalogDifferences(
  records: ReadonlyMap<string, FileRecord>,
  entries: readonly CatalogEntry[],
): { readonly lost: readonly string[]; readonly unknown: readonly CatalogEntry[] } {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const lost = [...records.values()].filter((record) => !isKept(record, byPath.get(record.path)));
  const unknown = entries.filter(({ path }) => !records.has(path));
  return { lost: lost.map(({ path }) => path), unknown };
}

function isKept(record: FileRecord, entry: CatalogEntry | undefined): boolean {
  if (record.error !== '') return entry?.hasError === true;
  if (record.digest === '') return true;
  return entry !== undefined && !entry.hasError && entry.digest === record.digest;
}
