// Brings the catalog in line with a DAG file: reads what changed, removes what is gone.
import { createHash } from 'node:crypto';
import type { Clock } from '#kernel/clock/clock.ts';
import type { CatalogStore } from '../catalog/catalog-store.ts';
import type { Tree } from '../core/bundle/bundle.ts';
import { languageOf } from '../core/file/dag-source.ts';
import { type FileContent, type FileRecord, unreadRecord } from '../core/file/file-record.ts';
import { importErrorText } from '../core/reading/import-error.ts';
import type { Events } from '../events.ts';
import { readSource } from '../folder/read-source.ts';
import { signatureOf } from '../folder/scan-folder.ts';
import type { FileReader } from '../sandbox/file-reader.ts';
import { type PlacedFile, type Sight, signatureIn } from './change-finder.ts';
import type { PathWork } from './path-queue.ts';

/** What keeping files in line takes. Paths are those of the catalog. */
export type FileKeeperOptions = {
  /** By path; kept up to date here. */
  readonly records: Map<string, FileRecord>;
  /** The file as it was last seen. */
  readonly see: (path: string) => Sight;
  readonly read: FileReader;
  readonly catalog: Pick<CatalogStore, 'put' | 'remove'>;
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
  readonly tree: Tree;
};

type Keeping = FileKeeperOptions & {
  /** How often something was freed that another file may have been refused for. */
  readonly freed: { count: number };
  /** Those that another dag-processor's claim came after: what is in them counts no more. */
  readonly outdated: WeakSet<Tree>;
};

/** The work on one path. */
export function createFileKeeper(options: FileKeeperOptions): PathWork {
  const { events, signal } = options;
  const keeping: Keeping = { ...options, freed: { count: 0 }, outdated: new WeakSet() };
  return async ({ path, isForced, slot }) => {
    try {
      await keep(path, { isForced, slot }, keeping);
    } catch (error) {
      if (!signal.aborted) events.storeFailed(path, error);
    }
  };
}

async function keep(
  path: string,
  how: { readonly isForced: boolean; readonly slot: number },
  keeping: Keeping,
): Promise<void> {
  const { records, clock } = keeping;
  const sight = keeping.see(path);
  if (sight.kind === 'unknown') return;
  if (sight.kind === 'gone') return remove(path, sight.tree, keeping);
  const { file: seen } = sight;
  const { tree } = seen;
  if (keeping.outdated.has(tree)) return;
  if (seen.refusal !== undefined) return refuse(path, seen, seen.refusal, keeping);
  const { root } = tree;
  const read = await readSource(root, seen.path);
  // It went since we looked, or the whole folder did: the next look tells which.
  if (read.kind === 'gone') return;
  if (read.kind === 'unreadable') return refuse(path, seen, read.cause, keeping);

  const signatures = new Map([[seen.path, signatureIn(tree, seen.signature)]]);
  for (const each of read.imports) {
    signatures.set(each, signatureIn(tree, await signatureOf(root, each)));
  }
  const file = { path, digest: digestIn(tree, read.digest), signatures, tree };
  const record = records.get(path) ?? unreadRecord(path);
  // Noted before it is read, so that nobody asks for it again meanwhile.
  records.set(path, { ...record, signatures });
  if (record.digest === file.digest && record.error === '' && !how.isForced) return;
  const beganMs = clock.monotonicMs();
  const content = await keeping.read(read.source, { root, slot: how.slot });
  if (content === 'stopped') return;
  await store(file, content, { ...keeping, durationMs: clock.monotonicMs() - beganMs });
}

// A commit that changes neither is not another version of the DAGs.
function digestIn({ surroundings }: Tree, digest: string): string {
  if (surroundings === '') return digest;
  return createHash('sha256').update(`${surroundings}\n${digest}`).digest('hex');
}

async function refuse(
  path: string,
  { path: shown, signature, tree }: PlacedFile,
  cause: string,
  keeping: Keeping,
): Promise<void> {
  const text = importErrorText(shown, [{ cause }]);
  // Its content is not known, so the catalog gets no digest of it.
  const signatures = new Map([[shown, signatureIn(tree, signature)]]);
  const file: KnownFile = { path, digest: '', signatures, tree };
  await store(file, { kind: 'error', text }, { ...keeping, durationMs: 0 });
}

async function store(
  { tree, ...file }: KnownFile,
  content: FileContent,
  keeping: Keeping & { readonly durationMs: number },
): Promise<void> {
  const { records, catalog, clock, events, durationMs, freed } = keeping;
  const { path, digest } = file;
  const before = records.get(path) ?? unreadRecord(path);
  const freedCount = freed.count;
  const { version: bundleVersion, surroundings } = tree;
  const place = { ...claimOf(tree), bundleVersion, filesDigest: surroundings && digest };
  const stored = await catalog.put({ path, digest, ...place }, content);
  if (stored.kind === 'outdated') {
    records.set(path, before);
    return noteOutdated(tree, keeping);
  }
  const reading = { path, language: languageOf(path), durationMs };
  const refusal = stored.kind === 'refused' ? stored : undefined;
  const error = refusal?.text ?? (content.kind === 'error' ? content.text : '');
  const dagIds =
    content.kind === 'dags' && error === '' ? content.dags.map((dag) => dag.dagId) : [];
  const isTaken = refusal?.isTaken ?? false;
  records.set(path, { ...file, dagIds, error, isTaken, readAtMs: clock.nowMs(), durationMs });
  if (error === '') events.fileRead({ ...reading, dagsCount: dagIds.length });
  else events.fileRefused({ ...reading, error });
  // While it was refused, what it was refused for may have become free.
  if (isTaken && freed.count !== freedCount) keeping.readAgain(path);
  // With an error the last good version stays, and so does all that it holds.
  const mayHaveFreed = before.digest !== digest || before.error !== '';
  if (error === '' && mayHaveFreed) offerTaken(path, keeping);
}

async function remove(path: string, tree: Tree | undefined, keeping: Keeping): Promise<void> {
  if (!keeping.records.has(path) || (tree && keeping.outdated.has(tree))) return;
  const isRemoved = await keeping.catalog.remove(path, tree && claimOf(tree));
  if (!isRemoved) return tree && noteOutdated(tree, keeping);
  keeping.records.delete(path);
  keeping.events.fileRemoved(path);
  offerTaken(path, keeping);
}

function claimOf({ bundleName, sequence }: Tree) {
  return { bundleName, bundleSequence: sequence };
}

/** Another dag-processor is ahead: nothing more is said of these files before the next refresh. */
function noteOutdated(tree: Tree, { outdated, events }: Keeping): void {
  if (!outdated.has(tree)) events.bundleOutdated(tree.bundleName, tree.version);
  outdated.add(tree);
}

// Files that were refused because of what another file holds are offered again when that may be
// free.
function offerTaken(freedBy: string, { records, readAgain, freed }: Keeping): void {
  freed.count += 1;
  for (const { path, isTaken } of records.values())
    if (isTaken && path !== freedBy) readAgain(path);
}
