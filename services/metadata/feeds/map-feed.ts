// The partition map for watchers: the newest one at once, and again whenever it changed.
import type { PartitionMap } from '../mesh/map.ts';
import { createFeed } from './feed.ts';

/** The channel on which a change of the map is announced; its notices say nothing but that. */
export const MAP_CHANNEL = 'dagmesh_map';

/** Maps for any number of watchers. */
export type MapFeed = {
  /** Replaces the map. */
  publish(map: PartitionMap): void;
  /** Ends every watch with this error. */
  interrupt(reason: Error): void;
  /** The newest map, if there is one yet, then each later one. */
  watch(signal: AbortSignal): AsyncIterable<PartitionMap>;
  /** How many schedulers the newest map names. */
  schedulersCount(): number;
};

export function createMapFeed(): MapFeed {
  const feed = createFeed<PartitionMap>((_earlier, later) => later);
  let newest: PartitionMap | undefined;

  return {
    publish: (map) => {
      newest = map;
      feed.publish(map);
    },
    interrupt: feed.interrupt,
    watch: async function* (signal) {
      const later = feed.watch(signal);
      if (newest !== undefined) yield newest;
      yield* later;
    },
    schedulersCount: () => newest?.schedulers?.length ?? 0,
  };
}
