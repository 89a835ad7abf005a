// Asks the catalog now and then whether it still has what it was told: it may have been restored.
import type { Clock } from '#kernel/clock/clock.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { CatalogStore } from '../catalog/catalog-store.ts';
import { catalogDifferences, type FileRecord, recordFromCatalog } from '../core/file-record.ts';
import type { Events } from '../events.ts';
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
  let running: Promise<void> | undefined;
  const run = async () => {
    await clock.sleep(options.everyMs, signal);
    while (!signal.aborted) {
      await check(options);
      await clock.sleep(options.everyMs, signal);
    }
  };
  return {
    name: 'catalog checker',
    async start() {
      running = run().catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    },
    async stop() {
      await running;
    },
  };
}

async function check({ records, queue, catalog, events }: CatalogCheckerOptions): Promise<void> {
  const { lost, unknown } = catalogDifferences(records, await catalog.list());
  if (lost.length + unknown.length === 0) return;
  events.catalogDiffers({ lostCount: lost.length, unknownCount: unknown.length });
  for (const path of lost) void queue.add(path, { isForced: true });
  // Remembered, they are found to be gone at the next look through the folder.
  for (const entry of unknown) records.set(entry.path, recordFromCatalog(entry));
}
