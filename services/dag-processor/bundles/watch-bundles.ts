// Watches all bundles: each has a source of its files, a watcher and a finder of its own.
import type { Clock } from '#kernel/clock/clock.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { DagProcessorConfig } from '../config.ts';
import { splitCatalogPath } from '../core/bundle/bundle.ts';
import type { FileRecord } from '../core/file/file-record.ts';
import type { Events } from '../events.ts';
import type { CatalogStore } from '../catalog/catalog-store.ts';
import { createChangeFinder, type Sight } from '../loops/change-finder.ts';
import { createCheckoutKeeper } from '../loops/checkout-keeper.ts';
import { createFolderWatcher } from '../loops/folder-watcher.ts';
import type { PathQueue } from '../loops/path-queue.ts';
import { type BundleSource, bundleSource, folderSource } from './bundle-source.ts';

/** All bundles. Paths are those of the catalog. */
export type Bundles = {
  /** In start order. */
  readonly parts: readonly Part[];
  /** A DAG file as it was last seen. */
  see(path: string): Sight;
  /** The DAG files that are there. */
  paths(): readonly string[];
  /**
   * Looks now through the bundles of these files. Without files, looks through all, and rejects
   * only when none can be looked through.
   */
  look(paths: readonly string[]): Promise<void>;
};

/** What watching takes. */
export type WatchBundlesOptions = {
  readonly config: Pick<
    DagProcessorConfig,
    | 'dagsFolder'
    | 'bundles'
    | 'bundlesFolder'
    | 'bundleVersionsKept'
    | 'bundleCheckMs'
    | 'rescanMs'
    | 'ignoreSyntax'
  >;
  readonly records: ReadonlyMap<string, FileRecord>;
  readonly queue: Pick<PathQueue, 'add'>;
  readonly catalog: Pick<CatalogStore, 'listBundleVersions' | 'claimBundleVersion'>;
  /** Done once before the first look, for as long as it takes. */
  readonly prepare: () => Promise<void>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly events: Events;
};

/** The DAG folder and the bundles of the operator's list. */
export function watchBundles(options: WatchBundlesOptions): Bundles {
  const { config, records, queue } = options;
  const prepare = preparedOnce(options.prepare, () => removeUnlisted(bundles.keys(), options));
  const sources: readonly BundleSource[] = [
    folderSource(config.dagsFolder),
    ...config.bundles.map((bundle) =>
      bundleSource(bundle, { ...options, ...config, keptMax: config.bundleVersionsKept }),
    ),
  ];
  const bundles = new Map(
    sources.map(({ bundleName, tree, part }) => {
      const finder = createChangeFinder({ bundleName, records, queue });
      const watcher = createFolderWatcher({
        ...{ ...options, bundleName, tree, prepare },
        ...{ rescanMs: config.rescanMs, ignoreSyntax: config.ignoreSyntax },
        onLook: finder.compare,
      });
      // Nobody waits for this look; the watcher itself tells what is wrong.
      const refresher = part(() => void watcher.look().catch(() => undefined));
      const parts = refresher === undefined ? [watcher] : [watcher, refresher];
      return [bundleName, { finder, watcher, parts }] as const;
    }),
  );
  const gitBundles = sources.flatMap(({ bundleName, git }) =>
    git === undefined ? [] : [[bundleName, git] as const],
  );
  const keeping = { ...options, bundles: new Map(gitBundles), everyMs: config.bundleCheckMs };
  const checkoutKeeper = gitBundles.length === 0 ? [] : [createCheckoutKeeper(keeping)];
  return {
    parts: [...[...bundles.values()].flatMap(({ parts }) => parts), ...checkoutKeeper],
    see(path) {
      const place = splitCatalogPath(path);
      return bundles.get(place.bundleName)?.finder.see(place.path) ?? { kind: 'gone' };
    },
    paths: () => [...bundles.values()].flatMap(({ finder }) => finder.paths()),
    async look(paths) {
      const isForAll = paths.length === 0;
      const asked = new Set(paths.map((path) => splitCatalogPath(path).bundleName));
      const wanted = [...bundles].filter(([name]) => isForAll || asked.has(name));
      const looks = await Promise.allSettled(wanted.map(([, { watcher }]) => watcher.look()));
      const failed = looks.filter(({ status }) => status === 'rejected');
      const [first] = failed;
      const isInVain = isForAll ? failed.length === looks.length : failed.length > 0;
      if (isInVain && first?.status === 'rejected') throw first.reason;
    },
  };
}

/** What the catalog has of bundles that are listed no more is gone. */
function removeUnlisted(names: Iterable<string>, { records, queue }: WatchBundlesOptions): void {
  const listed = new Set(names);
  for (const path of records.keys()) {
    if (!listed.has(splitCatalogPath(path).bundleName)) void queue.add(path);
  }
}

function preparedOnce(prepare: () => Promise<void>, then: () => void): () => Promise<void> {
  let prepared: Promise<void> | undefined;
  return () => {
    prepared ??= prepare().then(then);
    return prepared;
  };
}
