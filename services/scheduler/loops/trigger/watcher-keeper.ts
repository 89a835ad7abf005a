// Runs the watchers of the assets whose partitions this scheduler owns.
//
// They are read when partitions come, when DAGs change, and every now and then in case nobody told.
// Each goes on where the ledger says it stands, so it does not matter who ran it before. What a
// watcher saw is recorded under the fence of its partition: from a takeover on, the last owner
// records nothing more, and the new one, who reads after that, knows of all that was. So a takeover
// makes no second update of one event; at most one, when the ledger has forgotten the last. What
// comes and goes again while nobody watches is not seen.
import type { AssetWatcher, LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { createBatcher } from '#kernel/batch/batch.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import type { Client } from '#kernel/rpc/client.ts';
import type { SchedulerEvents } from '../../events.ts';
import { type AssetWatch, type Sight, watchAsset } from './asset-watch.ts';
import type { Ownership } from '../commit/ownership.ts';
import type { TriggerDesk } from './trigger-desk.ts';

export type WatcherKeeperOptions = {
  readonly ledger: Pick<Client<typeof LedgerService>, 'listAssetWatchers' | 'putAssetEvents'>;
  readonly ownership: Ownership;
  readonly desk: Pick<TriggerDesk, 'watch' | 'unwatch'>;
  readonly clock: Clock;
  readonly events: SchedulerEvents;
  /** How often watchers are read in case nobody told that they changed. */
  readonly reconcileMs: number;
};

export type WatcherKeeper = Part & {
  /** DAGs changed, were paused or go on: their watchers are read within a second. */
  look(): void;
};

type Running = {
  readonly watch: AssetWatch;
  readonly partition: number;
  readonly epoch: bigint;
  readonly definition: string;
};

const LOOK_MS = 1_000;
const LIST_TIMEOUT_MS = 30_000;
/** Less than a triggerer waits for the answer to its report. */
const RECORD_TIMEOUT_MS = 4_000;
/** Updates that are recorded at once. */
const RECORDED_AT_ONCE = 20;
/** Watchers that one scheduler runs. */
const WATCHERS_MAX = 50_000;

/** Runs them until stopped. */
export function createWatcherKeeper(options: WatcherKeeperOptions): WatcherKeeper {
  const keeper = new Keeper(options);
  return {
    name: 'watcher keeper',
    start: async () => keeper.start(),
    stop: () => keeper.stop(),
    look: () => keeper.look(),
  };
}

class Keeper {
  readonly #options: WatcherKeeperOptions;
  readonly #stopping = new AbortController();
  /** By asset and name. */
  readonly #running = new Map<string, Running>();
  readonly #record: (sight: Sight) => Promise<void>;
  #loop: Promise<void> | undefined;
  #isOutdated = true;
  #readMs = 0;
  /** What was owned when they were read. */
  #readFor = '';

  constructor(options: WatcherKeeperOptions) {
    this.#options = options;
    this.#record = createRecord(options);
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    for (const { watch } of this.#running.values()) watch.stop();
    this.#running.clear();
  }

  look(): void {
    this.#isOutdated = true;
  }

  async #run(): Promise<void> {
    const { clock, events } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#dropLost();
      try {
        if (this.#isDue()) await this.#read();
      } catch (error) {
        this.#isOutdated = true;
        if (!signal.aborted) events.watchersNotRead(error);
      }
      events.watching(this.#running.size);
      await clock.sleep(LOOK_MS, signal);
    }
  }

  #dropLost(): void {
    const { partitions } = this.#options.ownership;
    for (const [key, { partition, epoch, watch }] of this.#running) {
      if (partitions.get(partition)?.epoch === epoch) continue;
      watch.stop();
      this.#running.delete(key);
    }
  }

  #isDue(): boolean {
    const { clock, reconcileMs } = this.#options;
    if (this.#isOutdated || this.#readFor !== nameOf(this.#owned())) return true;
    return clock.monotonicMs() >= this.#readMs + reconcileMs;
  }

  async #read(): Promise<void> {
    const { ledger, clock, events } = this.#options;
    const owned = this.#owned();
    this.#isOutdated = false;
    const found = new Map<string, AssetWatcher>();
    if (owned.size > 0) {
      const call = { signal: this.#stopping.signal, timeoutMs: LIST_TIMEOUT_MS };
      const pages = ledger.listAssetWatchers({ partitions: [...owned.keys()] }, call);
      for await (const { watchers } of pages) {
        for (const watcher of watchers) found.set(keyOf(watcher), watcher);
        if (found.size > WATCHERS_MAX) break;
      }
    }
    if (found.size > WATCHERS_MAX) events.watchersCrowded(WATCHERS_MAX);
    this.#readFor = nameOf(owned);
    this.#readMs = clock.monotonicMs();
    this.#follow(owned, found);
  }

  /** Begins what is new, ends what is gone; what stayed as it was goes on. */
  #follow(owned: Owned, found: ReadonlyMap<string, AssetWatcher>): void {
    for (const [key, { watch, definition }] of this.#running) {
      const watcher = found.get(key);
      if (watcher !== undefined && definitionOf(watcher) === definition) continue;
      watch.stop();
      this.#running.delete(key);
    }
    for (const [key, watcher] of found) {
      if (this.#running.size >= WATCHERS_MAX) return;
      if (!this.#running.has(key)) this.#begin(key, watcher, owned);
    }
  }

  #begin(key: string, watcher: AssetWatcher, owned: Owned): void {
    const { ownership, desk, clock, events } = this.#options;
    const partition = partitionOf(watcher.assetName);
    const epoch = owned.get(partition);
    // What moved while it was read comes with another epoch, and is read again.
    if (epoch === undefined || ownership.partitions.get(partition)?.epoch !== epoch) return;
    const watch = watchAsset({ watcher, desk, record: this.#record, clock, events });
    this.#running.set(key, { watch, partition, epoch, definition: definitionOf(watcher) });
  }

  #owned(): Owned {
    const { partitions } = this.#options.ownership;
    const loaded = [...partitions].filter(([, { isLoaded }]) => isLoaded);
    return new Map(loaded.map(([partition, { epoch }]) => [partition, epoch]));
  }
}

/** Epochs by partition. */
type Owned = ReadonlyMap<number, bigint>;

/** Records updates each by itself, so that none stops another, and not too many at once. */
function createRecord(options: WatcherKeeperOptions): (sight: Sight) => Promise<void> {
  const { ledger, ownership } = options;
  const put = async ({ update, ...seen }: Sight) => {
    const partition = partitionOf(update.assetName);
    const epoch = ownership.partitions.get(partition)?.epoch;
    if (epoch === undefined) {
      throw fail('not_owner', `asset ${update.assetName} has another owner by now`);
    }
    const fences = [{ partition, epoch }];
    const schedulerId = ownership.schedulerId();
    const request = { events: [update], schedulerId, fences, ...seen };
    await ledger.putAssetEvents(request, { timeoutMs: RECORD_TIMEOUT_MS });
  };
  const batcher = createBatcher<Sight, PromiseSettledResult<void>>({
    flush: (sights) => Promise.allSettled(sights.map(put)),
    itemsMax: RECORDED_AT_ONCE,
    waitingMax: WATCHERS_MAX,
  });
  return async (sight) => {
    const settled = await batcher.add(sight);
    if (settled.status === 'rejected') throw settled.reason;
  };
}

function nameOf(owned: Owned): string {
  return [...owned].map(([partition, epoch]) => `${partition}:${epoch}`).join();
}

function keyOf({ assetName, watcherName }: AssetWatcher): string {
  return `${assetName}\0${watcherName}`;
}

function definitionOf({ definitionSha256 }: AssetWatcher): string {
  return Buffer.from(definitionSha256).toString('hex');
}
