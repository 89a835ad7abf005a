// Follows the catalog: DAGs with a new version, DAGs whose file vanished, pools that changed or
// have slots again.
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type { LedgerService, LoadDagResponse } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import { isRetryable, reasonOf } from '#kernel/errors/errors.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { forgetPool } from '../core/admission.ts';
import { compileAll, loadDag } from '../core/load.ts';
import { reschedule } from '../core/schedule.ts';
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
    this.#loops = Promise.all([this.#watch(), this.#loadWaiting()]);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wakeLoader();
    await this.#loops;
  }

  async #watch(): Promise<void> {
    const { catalog, clock, events } = this.#options;
    const { signal } = this.#stopping;
    let isFirst = true;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        for await (const change of catalog.watchCatalog({}, { signal })) {
          // The first message is empty: from here on nothing is missed, so what was missed before
          // is looked up.
          if (!isFirst && change.dagIds.length + change.pools.length === 0) this.#lookAtAll();
          isFirst = false;
          attempt = 0;
          for (const dagId of change.dagIds) this.#waiting.add(dagId);
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

  #lookAtAll(): void {
    const { dags, pools } = this.#options.engine.picture();
    for (const dagId of dags.keys()) this.#waiting.add(dagId);
    this.#lookAtPools([...pools.keys()]);
  }

  /** What is known of these pools is old: the next claims find out. */
  #lookAtPools(names: readonly string[]): void {
    const { engine } = this.#options;
    const { pools } = engine.picture();
    for (const name of names) {
      const pool = pools.get(name);
      if (pool !== undefined) forgetPool(pool);
    }
    void engine.decide(() => undefined).catch(() => undefined);
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
    if (!ownership.owns(dagId)) return;
    await engine.decide((deciding, moment) => {
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

function replaceDag(
  picture: Parameters<typeof loadDag>[0],
  loaded: LoadDagResponse,
  events: SchedulerEvents,
) {
  const { versions, broken } = compileAll(loaded.version === undefined ? [] : [loaded.version]);
  for (const words of broken) events.brokenDag(words);
  return loaded.dag === undefined ? undefined : loadDag(picture, loaded.dag, versions);
}
