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
import { fail, isRetryable, reasonOf } from '#kernel/errors/errors.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { forgetPool } from '../core/limit/admission.ts';
import { compileAll, loadDag } from '../core/load/load.ts';
import type { Picture } from '../core/picture.ts';
import { reschedule } from '../core/schedule/schedule.ts';
import type { SchedulerEvents } from '../events.ts';
import type { Engine } from './engine.ts';
import type { Ownership } from './ownership.ts';
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
    const { signal } = this.#stopping;
    for await (const page of ledger.loadPartitions({ partitions }, { signal })) {
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
      void engine.decideNow(() => undefined).catch(() => undefined);
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
    while (!this.#stopping.signal.aborted) {
      const dagIds = [...this.#waiting].slice(0, LOADS_AT_ONCE);
      if (dagIds.length === 0) {
        await new Promise<void>((resolve) => {
          this.#wakeLoader = resolve;
        });
        continue;
      }
      for (const dagId of dagIds) this.#waiting.delete(dagId);
      await Promise.all(dagIds.map((dagId) => this.learn(dagId)));
    }
  }

  async #take(dagId: string): Promise<void> {
    const { engine, events, ledger, ownership } = this.#options;
    const loaded = await ledger.loadDag({ dagId }, { signal: this.#stopping.signal });
    if (ownership.isLoading(dagId)) {
      throw fail(
        'taking_over',
        `DAG ${dagId} is being taken over; what it is now comes after that`,
      );
    }
    if (!ownership.owns(dagId)) return;
    await engine.decideNow((deciding, moment) => {
      const dag = replaceDag(deciding.picture, loaded, events);
      if (dag === undefined) return;
      reschedule(deciding, moment, dag);
      wake(deciding, moment, dag);
    });
  }

  /** Takes a DAG over; one that does not exist is left alone, what fails is tried again. */
  async learn(dagId: string): Promise<void> {
    const { clock, events } = this.#options;
    const { signal } = this.#stopping;
    try {
      await this.#take(dagId);
    } catch (error) {
      if (signal.aborted || reasonOf(error) === 'dag_not_found') return;
      events.watchBroken(error);
      if (!isRetryable(error)) return;
      await clock.sleep(RETRY_FIRST_MS, signal);
      this.#waiting.add(dagId);
    }
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
