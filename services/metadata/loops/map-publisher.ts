// Map publisher: reads the partition map anew whenever it changed, and hands it to all watchers.
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { MapFeed } from '../feeds/map-feed.ts';
import type { Database } from '../ledger/database/database.ts';
import { readMap } from '../mesh/map.ts';

/** A part that is told when the map may have changed. */
export type MapPublisher = Part & { readonly refresh: () => void };

const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;

/** However many changes come while the map is being read, it is read once more. */
export function createMapPublisher(options: {
  readonly database: Database;
  readonly maps: MapFeed;
  readonly clock: Clock;
}): MapPublisher {
  const { database, maps, clock } = options;
  let stopping = new AbortController();
  let isStale = false;
  let running: Promise<void> | undefined;

  const publish = async (signal: AbortSignal) => {
    for (let attempt = 0; isStale && !signal.aborted; ) {
      isStale = false;
      try {
        maps.publish(await readMap(database));
        attempt = 0;
      } catch {
        isStale = true;
        const waitMs = backoffMs({ attempt, firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS });
        attempt += 1;
        await clock.sleep(waitMs, signal);
      }
    }
    running = undefined;
  };

  return {
    name: 'map-publisher',
    refresh: () => {
      isStale = true;
      running ??= publish(stopping.signal);
    },
    start: async () => {
      stopping = new AbortController();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
