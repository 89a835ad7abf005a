// Brings the catalog in line with a DAG file: reads what changed, removes what is gone.
import type { Clock } from '#kernel/clock/clock.ts';
import type { CatalogStore } from '../catalog/catalog-store.ts';
import { languageOf } from '../core/dag-source.ts';
import { type FileContent, type FileRecord, unreadRecord } from '../core/file-record.ts';
import { importErrorText } from '../core/import-error.ts';
import type { Events } from '../events.ts';
import { readSource } from '../folder/read-source.ts';
import { type SeenFile, signatureOf } from '../folder/scan-folder.ts';
import type { FileReader } from '../sandbox/file-reader.ts';
import type { PathWork } from './path-queue.ts';

/** What keeping files in line takes. */
export type FileKeeperOptions = {
  readonly root: string;
  /** By path; kept up to date here. */
  readonly records: Map<string, FileRecord>;
  /** The file as it was last seen in the folder; undefined when it is not there. */
  readonly seen: (path: string) => SeenFile | undefined;
  readonly read: FileReader;
  readonly catalog: CatalogStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly events: Events;
  /** Asks for a file to be read although it did not change. */
  readonly readAgain: (path: string) => void;
};

/** A DAG file whose content is known. */
type KnownFile = {
  readonly path: string;
  readonly digest: string;
  readonly signatures: ReadonlyMap<string, string | undefined>;
};

/** The work on one path. */
export function createFileKeeper(options: FileKeeperOptions): PathWork {
  const { events, signal } = options;
  return async ({ path, isForced, slot }) => {
    try {
      await keep(path, { isForced, slot }, options);
    } catch (error) {
      if (!signal.aborted) events.storeFailed(path, error);
    }
  };
}

async function keep(
  path: string,
  how: { readonly isForced: boolean; readonly slot: number },
  options: FileKeeperOptions,
): Promise<void> {
  const { root, records, clock } = options;
  const seen = options.seen(path);
  if (seen === undefined) return remove(path, options);
  if (seen.refusal !== undefined) return refuse(seen, seen.refusal, options);
  const read = await readSource(root, path);
  // It went since we looked, or the whole folder did: the next look tells which.
  if (read.kind === 'gone') return;
  if (read.kind === 'unreadable') return refuse(seen, read.cause, options);

  const signatures = new Map([[path, seen.signature as string | undefined]]);
  for (const each of read.imports) signatures.set(each, await signatureOf(root, each));
  const file: KnownFile = { path, digest: read.digest, signatures };
  const record = records.get(path) ?? unreadRecord(path);
  // Noted before it is read, so that nobody asks for it again meanwhile.
  records.set(path, { ...record, signatures });
  if (record.digest === read.digest && record.error === '' && !how.isForced) return;
  const beganMs = clock.monotonicMs();
  const content = await options.read(read.source, how.slot);
  if (content === 'stopped') return;
  await store(file, content, { ...options, durationMs: clock.monotonicMs() - beganMs });
}

async function refuse(seen: SeenFile, cause: string, options: FileKeeperOptions): Promise<void> {
  const text = importErrorText(seen.path, [{ cause }]);
  const signatures = new Map([[seen.path, seen.signature]]);
  // Its content is not known, so the catalog gets no digest of it.
  const file: KnownFile = { path: seen.path, digest: '', signatures };
  await store(file, { kind: 'error', text }, { ...options, durationMs: 0 });
}

async function store(
  file: KnownFile,
  content: FileContent,
  options: FileKeeperOptions & { readonly durationMs: number },
): Promise<void> {
  const { records, catalog, clock, events, durationMs } = options;
  const { path } = file;
  const before = records.get(path) ?? unreadRecord(path);
  const stored = await catalog.put(path, file.digest, content);
  const reading = { path, language: languageOf(path), durationMs };
  const refusal = stored.kind === 'refused' ? stored : undefined;
  const error = refusal?.text ?? (content.kind === 'error' ? content.text : '');
  const dagIds =
    content.kind === 'dags' && error === '' ? content.dags.map((dag) => dag.dagId) : [];
  records.set(path, {
    ...file,
    dagIds,
    error,
    isTaken: refusal?.isTaken ?? false,
    readAtMs: clock.nowMs(),
    durationMs,
  });
  if (error === '') events.fileRead({ ...reading, dagsCount: dagIds.length });
  else events.fileRefused({ ...reading, error });
  // With an error the last good version stays, and so do its ids.
  const mayHaveFreed =
    before.readAtMs === undefined || before.dagIds.some((id) => !dagIds.includes(id));
  if (error === '' && mayHaveFreed) offerTaken(path, options);
}

async function remove(path: string, options: FileKeeperOptions): Promise<void> {
  if (!options.records.has(path)) return;
  await options.catalog.remove(path);
  options.records.delete(path);
  options.events.fileRemoved(path);
  offerTaken(path, options);
}

// Files that were refused because of another file's DAG ids are offered again when those may be
// free.
function offerTaken(freedBy: string, { records, readAgain }: FileKeeperOptions): void {
  for (const { path, isTaken } of records.values())
    if (isTaken && path !== freedBy) readAgain(path);
}
