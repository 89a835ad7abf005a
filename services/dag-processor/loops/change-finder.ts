// Compares what is in a folder of DAG files with what is remembered, and queues what differs.
import { catalogPath, splitCatalogPath, type Tree } from '../core/bundle/bundle.ts';
import { type FileRecord, filesToLookAt, unlistedImports } from '../core/file/file-record.ts';
import { type FolderView, type SeenFile, signatureOf } from '../folder/scan-folder.ts';
import type { PathQueue } from './path-queue.ts';

/** A file, and the tree in which it was seen. */
export type PlacedFile = SeenFile & { readonly tree: Tree };

/** What a finder knows of a file. */
export type Sight =
  | { readonly kind: 'seen'; readonly file: PlacedFile }
  /** From a tree, if its bundle is here. */
  | { readonly kind: 'gone'; readonly tree?: Tree }
  /** Nobody has looked yet, so nothing can be said. */
  | { readonly kind: 'unknown' };

/** What is in one bundle, as of the latest look. */
export type ChangeFinder = {
  /** Takes a new look. */
  compare(view: FolderView, tree: Tree): Promise<void>;
  /** A DAG file by its path in the bundle. */
  see(path: string): Sight;
  /** The DAG files that are there, by the catalog's paths. */
  paths(): readonly string[];
};

/** A finder over the records of one bundle. */
export function createChangeFinder(options: {
  /** Empty for the DAG folder. */
  readonly bundleName: string;
  /** Of all bundles, by the catalog's paths. */
  readonly records: ReadonlyMap<string, FileRecord>;
  readonly queue: Pick<PathQueue, 'add'>;
}): ChangeFinder {
  const { bundleName, records, queue } = options;
  let latest: { readonly files: FolderView['files']; readonly tree: Tree } | undefined;
  return {
    async compare({ files }, tree) {
      latest = { files, tree };
      const own = recordsOf(bundleName, records);
      const signatures = new Map<string, string | undefined>();
      for (const [path, file] of files) signatures.set(path, signatureIn(tree, file.signature));
      for (const path of unlistedImports(own.values(), (path) => files.has(path))) {
        signatures.set(path, signatureIn(tree, await signatureOf(tree.root, path)));
      }
      for (const path of filesToLookAt(own, files.keys(), signatures)) {
        void queue.add(catalogPath(bundleName, path));
      }
    },
    see(path) {
      if (latest === undefined) return { kind: 'unknown' };
      const file = latest.files.get(path);
      const { tree } = latest;
      if (file === undefined) return { kind: 'gone', tree };
      return { kind: 'seen', file: { ...file, tree } };
    },
    paths: () => [...(latest?.files.keys() ?? [])].map((path) => catalogPath(bundleName, path)),
  };
}

/** A file's signature in a tree: by another claim, it has to be looked at again. */
export function signatureIn({ sequence }: Tree, signature: string | undefined): string | undefined {
  return signature === undefined || sequence === 0n ? signature : `${sequence} ${signature}`;
}

function recordsOf(
  bundleName: string,
  records: ReadonlyMap<string, FileRecord>,
): ReadonlyMap<string, FileRecord> {
  const own = new Map<string, FileRecord>();
  for (const [key, record] of records) {
    const place = splitCatalogPath(key);
    if (place.bundleName === bundleName) own.set(place.path, record);
  }
  return own;
}
