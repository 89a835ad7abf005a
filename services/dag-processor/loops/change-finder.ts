// Compares what is in the DAG folder with what is remembered, and puts what differs into the queue.
import { type FileRecord, filesToLookAt, unlistedImports } from '../core/file-record.ts';
import { type FolderView, type SeenFile, signatureOf } from '../folder/scan-folder.ts';
import type { PathQueue } from './path-queue.ts';

/** What is in the folder, as of the latest look. */
export type ChangeFinder = {
  /** Takes a new look. */
  compare(view: FolderView): Promise<void>;
  /** A DAG file as it was last seen; undefined when it is not there. */
  seen(path: string): SeenFile | undefined;
  /** The DAG files that are there. */
  paths(): readonly string[];
};

/** A finder over the records of one folder. */
export function createChangeFinder(options: {
  readonly root: string;
  readonly records: ReadonlyMap<string, FileRecord>;
  readonly queue: Pick<PathQueue, 'add'>;
}): ChangeFinder {
  const { root, records, queue } = options;
  let files: FolderView['files'] = new Map();
  return {
    async compare(view) {
      files = view.files;
      const signatures = new Map<string, string | undefined>();
      for (const [path, file] of files) signatures.set(path, file.signature);
      for (const path of unlistedImports(records.values(), (path) => files.has(path))) {
        signatures.set(path, await signatureOf(root, path));
      }
      for (const path of filesToLookAt(records, files.keys(), signatures)) void queue.add(path);
    },
    seen: (path) => files.get(path),
    paths: () => [...files.keys()],
  };
}
