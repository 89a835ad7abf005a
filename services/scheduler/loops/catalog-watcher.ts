// Follows the catalog: DAGs with a new version, DAGs whose file vanished, pools that changed or
// have slots again.
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type {
  DagRecord,
  LedgerService,
  LoadDagResponse,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import { fail, reasonOf } from '#kernel/errors/errors.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { forgetPool } from '../core/limit/admission.ts';
import { compileAll } from '../core/graph/compile-version.ts';
import { loadDag } from '../core/load/load-dag.ts';
import type { Picture } from '../core/picture.ts';
import { reschedule } from '../core/schedule/schedule.ts';
import type { SchedulerEvents } from '../events.ts';
import type { Engine } from './commit/engine.ts';
import type { Ownership } from './commit/ownership.ts';
import { wake } from './partition-keeper.ts';

export type CatalogWatcherOptions = {
  readonly catalog: Client<typeof CatalogService>;
  readonly ledger: Client<typeof LedgerService>;
  readonly engine: Engine;
  readonly ownership: Ownership;
  readonly clock: Clock;
  readonly events: SchedulerEvents;
  /** How often those who wait for a pool ask again, in case nobody told them. */
  readonly reconcileMs: number;
  /** Called when DAGs changed, whosever they are. */
  readonly onDagsChanged: () => void;
};

/** A watcher that can also be asked: `learn` takes a DAG over that was stored a moment ago. */
export type CatalogWatcher = Part & { learn(dagId: string): Promise<void> };

const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;
const LOAD_TIMEOUT_MS = 120_000;
/** DAGs that are looked up at once. */
const LOADS_AT_ONCE = 8;

/**
 * Watches until stopped. After a break everything owned is looked at again: what changed meanwhile
 * is not told.
 */
export function createCatalogWatcher(options: CatalogWatcherOptions): CatalogWatcher {
  const watcher = new Watcher(options);
  return {
    name: 'catalog watcher',
    start: () => watcher.start(),
    stop: () => watcher.stop(),
    learn: (dagId) => watcher.learn(dagId),
  };
}

class Watcher {
  readonly #options: CatalogWatcherOptions;
  readonly #stopping = new AbortController();
  /** DAGs that are to be looked up. */
  readonly #waiting = new Set<string>();
  /** Those that are being read, with the last reading of each. */
  readonly #learning = new Map<string, Promise<void>>();
  #loops: Promise<unknown> | undefined;
  #wakeLoader = () => {};

  constructor(options: CatalogWatcherOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#loops = Promise.all([this.#watch(), this.#loadWaiting(), this.#reconcile()]);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wakeLoader();
    await this.#loops;
  }

  async #watch(): Promise<void> {
    const { catalog, clock, events } = this.#options;
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        for await (const change of catalog.watchCatalog({}, { signal })) {
          // The first message is empty: from here on nothing is missed, so what was missed before
          // is looked up.
          if (change.dagIds.length + change.pools.length === 0) await this.#lookAtAll();
          attempt = 0;
          for (const dagId of change.dagIds) this.#waiting.add(dagId);
          if (change.dagIds.length > 0) this.#options.onDagsChanged();
          if (change.pools.length > 0) this.#lookAtPools(change.pools);
          this.#wakeLoader();
        }
      } catch (error) {
        if (!signal.aborted) events.watchBroken(error);
      }
      const waitMs = backoffMs({ attempt, firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS });
      await clock.sleep(waitMs, signal);
    }
  }

  /** A watch has begun: what changed before it, new DAGs among it, is found in the ledger. */
  async #lookAtAll(): Promise<void> {
    const { engine, ledger, ownership } = this.#options;
    this.#lookAtPools([...engine.picture().pools.keys()]);
    const partitions = [...ownership.partitions.keys()];
    if (partitions.length === 0) return;
    const call = { signal: this.#stopping.signal, timeoutMs: LOAD_TIMEOUT_MS };
    for await (const page of ledger.loadPartitions({ partitions, omitDeliveries: true }, call)) {
      for (const record of page.dags) {
        if (!isCurrent(engine.picture(), record)) this.#waiting.add(record.dagId);
      }
      // DAGs come before runs; what follows is known better here.
      if (page.runs.length + page.taskInstances.length + page.receipts.length > 0) break;
    }
    this.#wakeLoader();
  }

  /** Those who wait for these pools ask again. */
  #lookAtPools(names: readonly string[]): void {
    const { engine } = this.#options;
    const { pools } = engine.picture();
    const known = names.flatMap((name) => pools.get(name) ?? []);
    if (known.filter(forgetPool).length > 0) {
      const asking = engine.decideNow(() => undefined);
      asking.catch((error: unknown) => this.#options.events.decisionFailed('pools', error));
    }
  }

  /** In case a notice was lost: nobody waits for a pool longer than that it has slots. */
  async #reconcile(): Promise<void> {
    const { clock, engine, reconcileMs } = this.#options;
    while (!this.#stopping.signal.aborted) {
      await clock.sleep(reconcileMs, this.#stopping.signal);
      this.#lookAtPools([...engine.picture().pools.keys()]);
    }
  }

  async #loadWaiting(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    for (let failuresCount = 0; !signal.aborted; ) {
      const dagIds = [...this.#waiting].slice(0, LOADS_AT_ONCE);
      if (dagIds.length === 0) {
        await new Promise<void>((resolve) => {
          this.#wakeLoader = resolve;
        });
        continue;
      }
      for (const dagId of dagIds) this.#waiting.delete(dagId);
      await Promise.all(dagIds.map((dagId) => this.learn(dagId)));
      const hasFailed = dagIds.every((dagId) => this.#waiting.has(dagId));
      failuresCount = hasFailed ? failuresCount + 1 : 0;
      if (!hasFailed) continue;
      const attempt = failuresCount - 1;
      const pause = { attempt, firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS };
      await clock.sleep(backoffMs(pause), signal);
    }
  }

  /**
   * Takes a DAG over; one that does not exist is left alone, what fails is tried again. A DAG is
   * read once at a time, so that no answer comes after a later one.
   */
  learn(dagId: string): Promise<void> {
    const before = this.#learning.get(dagId) ?? Promise.resolve();
    const learning = before
      .then(() => this.#take(dagId))
      .catch((error: unknown) => this.#takeLater(dagId, error))
      .finally(() => {
        if (this.#learning.get(dagId) === learning) this.#learning.delete(dagId);
      });
    this.#learning.set(dagId, learning);
    return learning;
  }

  async #take(dagId: string): Promise<void> {
    const { engine, events, ledger, ownership } = this.#options;
    const partition = partitionOf(dagId);
    const owned = ownership.partitions.get(partition);
    if (owned === undefined || this.#stopping.signal.aborted) return;
    const loaded = await ledger.loadDag({ dagId }, { signal: this.#stopping.signal });
    if (!ownership.partitions.has(partition)) return;
    // What came with a takeover meanwhile may be newer than this.
    if (!owned.isLoaded || ownership.partitions.get(partition) !== owned) {
      throw fail('taking_over', `DAG ${dagId} is being taken over; read it after that`);
    }
    await engine.decideNow((deciding, moment) => {
      const dag = replaceDag(deciding.picture, loaded, events);
      if (dag === undefined) return;
      reschedule(deciding, moment, dag);
      wake(deciding, moment, dag);
    });
  }

  #takeLater(dagId: string, error: unknown): void {
    const { events } = this.#options;
    if (this.#stopping.signal.aborted || reasonOf(error) === 'dag_not_found') return;
    events.dagNotRead(dagId, error);
    this.#waiting.add(dagId);
    this.#wakeLoader();
  }
}

function isCurrent(picture: Picture, record: DagRecord): boolean {
  const dag = picture.dags.get(record.dagId);
  const isSameVersion = dag?.version.dagVersionId === record.dagVersionId;
  return isSameVersion && dag?.isActive === record.isActive;
}

function replaceDag(
  picture: Parameters<typeof loadDag>[0],
  loaded: LoadDagResponse,
  events: SchedulerEvents,
) {
  const { versions, broken } = compileAll(loaded.version === undefined ? [] : [loaded.version]);
  for (const words of broken) events.brokenDag(words);
  return loaded.dag === undefined ? undefined : loadDag(picture, loaded.dag, versions);
}
