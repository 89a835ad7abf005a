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
  const { engine, ownership, clock, events } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const waiting = new Set<string>();
  let loops: Promise<unknown> | undefined;
  let wakeLoader = () => {};

  const watch = async () => {
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        for await (const change of options.catalog.watchCatalog({}, { signal })) {
          // The first message is empty: from here on nothing is missed, so what was missed before
          // is looked up.
          if (attempt > 0 && change.dagIds.length + change.pools.length === 0) lookAtAll();
          attempt = 0;
          for (const dagId of change.dagIds) waiting.add(dagId);
          if (change.pools.length > 0) lookAtPools(change.pools);
          wakeLoader();
        }
      } catch (error) {
        if (!signal.aborted) events.watchBroken(error);
      }
      await clock.sleep(
        backoffMs({ attempt, firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS }),
        signal,
      );
    }
  };

  const lookAtAll = () => {
    for (const dagId of engine.picture().dags.keys()) waiting.add(dagId);
    lookAtPools([...engine.picture().pools.keys()]);
  };

  /** What is known of these pools is old: the next claims find out. */
  const lookAtPools = (names: readonly string[]) => {
    const { pools } = engine.picture();
    for (const name of names) {
      const pool = pools.get(name);
      if (pool !== undefined) forgetPool(pool);
    }
    void engine.decide(() => undefined).catch(() => undefined);
  };

  const loadWaiting = async () => {
    while (!signal.aborted) {
      const dagIds = [...waiting].slice(0, LOADS_AT_ONCE);
      if (dagIds.length === 0) {
        await new Promise<void>((resolve) => {
          wakeLoader = resolve;
        });
        continue;
      }
      for (const dagId of dagIds) waiting.delete(dagId);
      await Promise.all(dagIds.map(loadOne));
    }
  };

  const loadOne = async (dagId: string) => {
    try {
      const loaded = await options.ledger.loadDag({ dagId }, { signal });
      if (!ownership.owns(dagId)) return;
      await engine.decide((deciding, moment) => {
        const dag = replaceDag(deciding.picture, loaded, events);
        if (dag === undefined) return;
        reschedule(deciding, moment, dag);
        wake(deciding, moment, dag);
      });
    } catch (error) {
      if (signal.aborted || reasonOf(error) === 'dag_not_found') return;
      events.watchBroken(error);
      if (!isRetryable(error)) return;
      await clock.sleep(RETRY_FIRST_MS, signal);
      waiting.add(dagId);
    }
  };

  return {
    name: 'catalog watcher',
    learn: loadOne,
    start: async () => {
      loops = Promise.all([watch(), loadWaiting()]);
    },
    stop: async () => {
      stopping.abort();
      wakeLoader();
      await loops;
    },
  };
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
