// Watches all bundles: each has a source of its files, a watcher and a finder of its own.
import type { Clock } from '#kernel/clock/clock.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { DagProcessorConfig } from '../config.ts';
import { splitCatalogPath } from '../core/bundle.ts';
import type { FileRecord } from '../core/file-record.ts';
import type { Events } from '../events.ts';
import { createChangeFinder, type Sight } from '../loops/change-finder.ts';
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
  /** Looks now through the bundles of these files, or through all when there are none. */
  look(paths: readonly string[]): Promise<void>;
};

/** What watching takes. */
export type WatchBundlesOptions = {
  readonly config: Pick<
    DagProcessorConfig,
    'dagsFolder' | 'bundles' | 'bundlesFolder' | 'bundleVersionsKept' | 'rescanMs'
  >;
  readonly records: ReadonlyMap<string, FileRecord>;
  readonly queue: Pick<PathQueue, 'add'>;
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
        ...{ rescanMs: config.rescanMs, onLook: finder.compare },
      });
      // Nobody waits for this look; the watcher itself tells what is wrong.
      const refresher = part(() => void watcher.look().catch(() => undefined));
      const parts = refresher === undefined ? [watcher] : [watcher, refresher];
      return [bundleName, { finder, watcher, parts }] as const;
    }),
  );
  return {
    parts: [...bundles.values()].flatMap(({ parts }) => parts),
    see(path) {
      const place = splitCatalogPath(path);
      return bundles.get(place.bundleName)?.finder.see(place.path) ?? { kind: 'gone' };
    },
    paths: () => [...bundles.values()].flatMap(({ finder }) => finder.paths()),
    async look(paths) {
      const asked = new Set(paths.map((path) => splitCatalogPath(path).bundleName));
      const wanted = [...bundles].filter(([name]) => paths.length === 0 || asked.has(name));
      await Promise.all(wanted.map(([, { watcher }]) => watcher.look()));
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
