// Stores what was read in the catalog, and waits for the catalog while it is away.
import type {
  BundleVersion,
  CatalogService,
  DagFileRecord,
} from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { Code, ConnectError, isRetryable, messageOf, reasonOf } from '#kernel/errors/errors.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { retrying } from '#kernel/rpc/retry.ts';
import type { FileContent } from '../core/file/file-record.ts';
import { importErrorText } from '../core/reading/import-error.ts';
import type { Events } from '../events.ts';

/** A file whose content is stored. */
export type StoredFile = {
  readonly path: string;
  readonly digest: string;
  /** Empty for the DAG folder. */
  readonly bundleName: string;
  readonly bundleVersion: string;
  /** Of all that may matter to its DAGs; empty where the bundle keeps no versions. */
  readonly filesDigest: string;
  /** Of the claim by which the version is in force; 0 where nobody claims. */
  readonly bundleSequence: bigint;
};

/** The version of a bundle that is in force; sequence 0 as long as none was claimed. */
export type BundleClaim = { readonly bundleVersion: string; readonly bundleSequence: bigint };

/** Refusals that end when another file gives up a DAG or an asset. */
const TAKEN: ReadonlySet<string | undefined> = new Set(['dag_id_taken', 'asset_conflict']);

/** What the catalog made of it. */
export type Stored =
  | { readonly kind: 'stored' }
  /** Not at all: another version of the bundle is in force by now. */
  | { readonly kind: 'outdated' }
  /** Not as DAGs: the catalog has this error for the file now. */
  | { readonly kind: 'refused'; readonly text: string; readonly isTaken: boolean };

/**
 * The catalog, as far as DAG files go. Every call waits until it succeeds or `signal` aborts, and
 * then rejects.
 */
export type CatalogStore = {
  list(): Promise<readonly DagFileRecord[]>;
  /** The versions of bundles that runs may need now. */
  listBundleVersions(): Promise<readonly BundleVersion[]>;
  put(file: StoredFile, content: FileContent): Promise<Stored>;
  /** False when another version of the bundle is in force by now: then the file stays. */
  remove(path: string, of?: Pick<StoredFile, 'bundleName' | 'bundleSequence'>): Promise<boolean>;
  /**
   * Makes a version the one in force, unless another became that since the sequence was asked for;
   * answers the one in force. An empty version only asks.
   */
  claimBundleVersion(bundleName: string, claim: BundleClaim): Promise<BundleClaim>;
};

/** How a store is made. */
export type CatalogStoreOptions = {
  readonly client: Client<typeof CatalogService>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly events: Events;
};

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const CALL_TIMEOUT_MS = 30_000;

/** A store over the catalog's RPCs. */
export function createCatalogStore(options: CatalogStoreOptions): CatalogStore {
  const { client, signal } = options;
  const call = { signal, timeoutMs: CALL_TIMEOUT_MS };
  return {
    async list() {
      // Nothing can be done before it answers, so whatever is wrong is waited for.
      const answer = await patiently(
        options,
        () => client.listDagFiles({}, call),
        () => true,
      );
      return answer.files;
    },
    async listBundleVersions() {
      const answer = await patiently(
        options,
        () => client.listBundleVersions({}, call),
        () => true,
      );
      return answer.bundleVersions;
    },
    async remove(path, of) {
      const request = { paths: [path], ...of };
      const answer = await patiently(options, () => client.removeDagFiles(request, call));
      return !answer.isOutdated;
    },
    async claimBundleVersion(bundleName, claim) {
      try {
        const request = { bundleName, ...claim };
        return await patiently(options, () => client.claimBundleVersion(request, call));
      } catch (error) {
        // A metadata of the version before: there, what is said last counts.
        if (error instanceof ConnectError && error.code === Code.Unimplemented) return claim;
        throw error;
      }
    },
    async put(file, content) {
      try {
        const result =
          content.kind === 'dags' ? { dags: [...content.dags] } : { error: content.text };
        const request = { ...file, ...result };
        const answer = await patiently(options, () => client.putDagFile(request, call));
        return { kind: answer.isOutdated ? 'outdated' : 'stored' };
      } catch (error) {
        // Errors are short and always fit: if not even one can be stored, something else is wrong.
        if (signal.aborted || content.kind === 'error') throw error;
        const text = importErrorText(file.path, [{ cause: messageOf(error) }]);
        const isTaken = TAKEN.has(reasonOf(error));
        // The catalog itself notes what is taken; of everything else it only said no.
        if (!isTaken) await this.put(file, { kind: 'error', text });
        return { kind: 'refused', text, isTaken };
      }
    },
  };
}

function patiently<T>(
  { clock, signal, events }: CatalogStoreOptions,
  run: () => Promise<T>,
  helps = isRetryable,
): Promise<T> {
  return retrying(run, {
    clock,
    signal,
    deadlineMs: Number.POSITIVE_INFINITY,
    firstMs: FIRST_PAUSE_MS,
    maxMs: LONGEST_PAUSE_MS,
    isRetryable: (error) => {
      if (!helps(error)) return false;
      events.catalogAway(messageOf(error));
      return true;
    },
  });
}
