// The metadata service from its parts, in the order in which they start.
import type { Clock } from '#kernel/clock/clock.ts';
import { fail } from '#kernel/errors/errors.ts';
import { composeParts, type Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Service, Wiring } from '#kernel/service/service.ts';
import { type Catalog, createCatalog } from './catalog/source.ts';
import type { MetadataConfig } from './config.ts';
import { createEvents, type Events } from './events.ts';
import {
  CATALOG_CHANNEL,
  type CatalogChange,
  createCatalogFeed,
  fromNotice,
} from './feeds/catalog-feed.ts';
import { createDeliveryFeed, DELIVERY_CHANNEL, partitionsOfNotice } from './feeds/delivery-feed.ts';
import type { Feed } from './feeds/feed.ts';
import { createMapFeed, MAP_CHANNEL, type MapFeed } from './feeds/map-feed.ts';
import { type Database, openDatabase } from './ledger/database/database.ts';
import { createSpecReader } from './ledger/load/specs.ts';
import { createListener, type Hearing } from './loops/listener.ts';
import { createMapPublisher, type MapPublisher } from './loops/map-publisher.ts';
import { createPruner } from './loops/pruner.ts';
import { createSlotRelay } from './loops/slot-relay.ts';
import { migrateWhenReachable } from './migrations/migrate-when-reachable.ts';
import { catalogService } from './rpc/catalog/service.ts';
import { ledgerService } from './rpc/ledger/service.ts';
import { partitionService } from './rpc/partition/service.ts';
import { queryService } from './rpc/query/service.ts';
import type { Rooms } from './rpc/rooms.ts';
import { secretService } from './rpc/secret/service.ts';
import { createApiTokens } from './secrets/api-tokens.ts';
import { rotateSecrets } from './secrets/rotate.ts';
import { createSealer, type Sealer } from './secrets/sealer.ts';

/** A serialized DagSpec may have 16 MiB, and a file declares several DAGs. */
const RECEIVE_MAX_BYTES = 64 * 1024 * 1024;

/** Builds the service; nothing is connected before it starts. */
export function assembleMetadata(config: MetadataConfig, wiring: Wiring): Service {
  const { clock, log, metrics } = wiring;
  const url = config.databaseUrl;
  const events = createEvents(log, metrics);
  const database = openDatabase(url, events.connectionBroke);
  const catalog = createCatalog(url, events.connectionBroke);
  const sealer = createSealer(config.secretKeys);
  const maps = createMapFeed();
  const changes = createCatalogFeed();
  const deliveries = createDeliveryFeed();
  const feeds: Feeds = { maps, changes, deliveries };

  const publisher = createMapPublisher({ database, maps, clock });
  const hearing = hearingOf(feeds, publisher);
  const listener = createListener({ url, hearing, clock, events });
  const relay = createSlotRelay({ database, schedulersCount: maps.schedulersCount, clock });
  const rooms: Rooms = {
    database,
    catalog,
    sealer,
    ...feeds,
    events,
    clock,
    tokens: createApiTokens(database, clock),
    specs: createSpecReader(database),
    isListening: listener.isListening,
    slotsFreed: relay.freed,
  };
  const stopping = new AbortController();
  const parts = composeParts('metadata', [
    schemaPart(url, { clock, events, signal: stopping.signal }),
    storagePart(database, catalog),
    rotationPart(database, sealer, events),
    publisher,
    listener,
    relay,
    createPruner({ database, clock, events }),
    watchersPart(feeds),
  ]);
  return {
    ...parts,
    stop: async () => {
      // A start that still waits for the database must not be waited for.
      stopping.abort();
      await parts.stop();
    },
    limits: { receiveMaxBytes: RECEIVE_MAX_BYTES },
    services: [
      ledgerService(rooms),
      partitionService(rooms),
      catalogService(rooms),
      queryService(rooms),
      secretService(rooms),
    ],
  };
}

type Feeds = {
  readonly maps: MapFeed;
  readonly changes: Feed<CatalogChange>;
  readonly deliveries: Feed<readonly number[]>;
};

function hearingOf({ changes, deliveries }: Feeds, publisher: MapPublisher): Hearing {
  return {
    channels: [CATALOG_CHANNEL, MAP_CHANNEL, DELIVERY_CHANNEL],
    onNotice: (channel, payload) => {
      if (channel === MAP_CHANNEL) return publisher.refresh();
      if (channel === DELIVERY_CHANNEL) return deliveries.publish(partitionsOfNotice(payload));
      const change = fromNotice(payload);
      if (change !== undefined) changes.publish(change);
    },
    onListening: publisher.refresh,
    onDeaf: () => {
      // The map is sent whole, so its watchers miss nothing by waiting; changes and deliveries
      // would be lost for ever.
      const reason = fail('database_unavailable', 'changes may have been missed; watch again');
      changes.interrupt(reason);
      deliveries.interrupt(reason);
    },
  };
}

function schemaPart(
  url: string,
  options: { readonly clock: Clock; readonly events: Events; readonly signal: AbortSignal },
): Part {
  const { clock, events, signal } = options;
  return {
    name: 'schema',
    start: async () => {
      const onWait = events.waitsForDatabase;
      const names = await migrateWhenReachable(url, { clock, signal, onWait });
      if (names.length > 0) events.migrated(names);
    },
    stop: async () => undefined,
  };
}

function storagePart(database: Database, catalog: Catalog): Part {
  return {
    name: 'storage',
    start: catalog.open,
    stop: async () => {
      await catalog.close();
      await database.close();
    },
  };
}

function rotationPart(database: Database, sealer: Sealer, events: Events): Part {
  return {
    name: 'rotation',
    start: async () => events.secretsRotated(await rotateSecrets(database, sealer)),
    stop: async () => undefined,
  };
}

/** Ends all watches first, so that their callers look for another metadata service. */
function watchersPart(feeds: Feeds): Part {
  return {
    name: 'watchers',
    start: async () => undefined,
    stop: async () => {
      const reason = fail('shutting_down', 'this service stops; watch again');
      for (const feed of Object.values(feeds)) feed.interrupt(reason);
    },
  };
}
