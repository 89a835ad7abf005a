// Asks the catalog now and then whether it still has what it was told: it may have been restored.
import type { Clock } from '#kernel/clock/clock.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { CatalogStore } from '../catalog/catalog-store.ts';
import {
  type CatalogEntry,
  catalogDifferences,
  type FileRecord,
  recordFromCatalog,
} from '../core/file/file-record.ts';
import type { Events } from '../events.ts';
import { loopPart } from './loop-part.ts';
import type { PathQueue } from './path-queue.ts';

/** What checking takes. */
export type CatalogCheckerOptions = {
  readonly everyMs: number;
  readonly records: Map<string, FileRecord>;
  readonly queue: Pick<PathQueue, 'add'>;
  readonly catalog: Pick<CatalogStore, 'list'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly events: Events;
};

/** Checks from `start` until `signal` aborts. */
export function createCatalogChecker(options: CatalogCheckerOptions): Part {
  const { signal, clock } = options;
  return loopPart('catalog checker', signal, async () => {
    await clock.sleep(options.everyMs, signal);
    let told = '';
    while (!signal.aborted) {
      const entries = await options.catalog.list();
      compare(options, entries);
      const tells = fingerprint(entries, options.records);
      if (told !== '' && tells !== told) offerTaken(options);
      told = tells;
      await clock.sleep(options.everyMs, signal);
    }
  });
}

function compare(
  { records, queue, events }: CatalogCheckerOptions,
  entries: readonly CatalogEntry[],
): void {
  const { lost, unknown } = catalogDifferences(records, entries);
  if (lost.length + unknown.length === 0) return;
  events.catalogDiffers({ lostCount: lost.length, unknownCount: unknown.length });
  for (const path of lost) void queue.add(path, { isForced: true });
  for (const entry of unknown) {
    records.set(entry.path, recordFromCatalog(entry));
    // It is found to be gone, unless it came this very moment.
    void queue.add(entry.path);
  }
}

/**
 * Another dag-processor may have freed what a file of ours was refused for. Whatever it did shows
 * in the catalog's list.
 */
function offerTaken({ records, queue }: CatalogCheckerOptions): void {
  for (const { path, isTaken } of records.values()) {
    if (isTaken) void queue.add(path, { isForced: true });
  }
}

function fingerprint(entries: readonly CatalogEntry[], records: CatalogCheckerOptions['records']) {
  return entries
    .filter(({ path }) => records.get(path)?.isTaken !== true)
    .map(({ path, digest, hasError }) => `${path}\0${digest}\0${hasError}`)
    .join('\n');
}
