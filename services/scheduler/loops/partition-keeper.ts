// Keeps this scheduler's partitions: renews them, loads the gained ones, lets go of the lost ones.
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { advanceBackfills } from '../core/operation/backfills.ts';
import { advance } from '../core/advance.ts';
import type { Dag } from '../core/dag.ts';
import type { Deciding } from '../core/deciding.ts';
import { lookAt } from '../core/graph/relevant.ts';
import { dropPartitions } from '../core/load/drop.ts';
import { type Loaded, loadPicture } from '../core/load/load.ts';
import type { Moment } from '../core/picture.ts';
import { startRuns } from '../core/run/runs.ts';
import { createDueRuns, reschedule } from '../core/schedule/schedule.ts';
import { DagRunState } from '../core/state.ts';
import type { SchedulerEvents } from '../events.ts';
import type { Engine } from './commit/engine.ts';
import type { Ownership } from './commit/ownership.ts';

export type PartitionKeeperOptions = {
  readonly partitions: Client<typeof PartitionService>;
  readonly ledger: Client<typeof LedgerService>;
  readonly engine: Engine;
  readonly ownership: Ownership;
  readonly clock: Clock;
  readonly events: SchedulerEvents;
  /** host:port at which this scheduler serves. */
  readonly address: string;
  readonly ttlMs: number;
  /** Told of partitions that were just loaded: of what awaits their DAGs nothing was read. */
  readonly onLoaded: (partitions: readonly number[]) => void;
};

const RELEASE_TIMEOUT_MS = 2_000;

/** Loading everything of a big installation; renewals go on meanwhile. */
const LOAD_TIMEOUT_MS = 120_000;

/** Renews at a third of the TTL until stopped; then gives everything back. */
export function createPartitionKeeper(options: PartitionKeeperOptions): Part {
  const keeper = new PartitionKeeper(options);
  return { name: 'partition keeper', start: () => keeper.start(), stop: () => keeper.stop() };
}

class PartitionKeeper {
  readonly #options: PartitionKeeperOptions;
  readonly #stopping = new AbortController();
  #renewing: Promise<void> | undefined;
  #loading: Promise<void> | undefined;

  constructor(options: PartitionKeeperOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#renewing = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#renewing;
    await this.#loading;
    // What is decided must be committed before others may decide.
    await this.#options.engine.stop();
    if (this.#renewing !== undefined) await this.#release(this.#options.ownership.schedulerId());
    this.#renewing = undefined;
  }

  async #run(): Promise<void> {
    const { clock, events, ttlMs } = this.#options;
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; ) {
      try {
        await this.#renew();
        attempt = 0;
        await clock.sleep(ttlMs / 3, signal);
      } catch (error) {
        if (signal.aborted) return;
        events.renewalFailed(error);
        await clock.sleep(backoffMs({ attempt, firstMs: 50, maxMs: ttlMs / 3 }), signal);
        attempt += 1;
      }
    }
  }

  async #renew(): Promise<void> {
    const { partitions, ownership, address, ttlMs } = this.#options;
    for (const schedulerId of ownership.takeLeft()) await this.#release(schedulerId);
    const schedulerId = ownership.schedulerId();
    const answer = await partitions.renewScheduler(
      { schedulerId, address, ttl: toDuration(ttlMs) },
      { timeoutMs: ttlMs, signal: this.#stopping.signal },
    );
    // A reset while we asked began another session: this answer is about the old one.
    if (schedulerId !== ownership.schedulerId()) return;
    this.#takeOver(new Map(answer.partitions.map((each) => [each.partition, each.epoch])));
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
  }

  #takeOver(owned: ReadonlyMap<number, bigint>): void {
    const { engine, events, ownership } = this.#options;
    const isLost = (partition: number) => {
      const known = ownership.partitions.get(partition);
      return known === undefined || owned.get(partition) !== known.epoch;
    };
    const lost = [...ownership.partitions.keys()].filter(isLost);
    if (lost.length > 0) {
      dropPartitions(engine.picture(), isLost);
      for (const partition of lost) ownership.partitions.delete(partition);
    }
    const gained = [...owned].filter(([partition]) => !ownership.partitions.has(partition));
    for (const [partition, epoch] of gained) {
      ownership.partitions.set(partition, { epoch, isLoaded: false });
    }
    if (lost.length + gained.length > 0) events.partitionsMoved(gained.length, lost.length);
  }

  /** Loads what is owned but not loaded; what fails or moves meanwhile has its turn again later. */
  async #load(): Promise<void> {
    const { engine, events, onLoaded, ownership } = this.#options;
    const waiting = [...ownership.partitions].filter(([, { isLoaded }]) => !isLoaded);
    if (waiting.length === 0) return;
    try {
      const partitions = waiting.map(([partition]) => partition);
      const loaded = await collect(this.#options, partitions, this.#stopping.signal);
      const isOurs = ([partition, { epoch }]: (typeof waiting)[number]) =>
        ownership.partitions.get(partition)?.epoch === epoch;
      if (!waiting.every(isOurs)) return;
      const woken = engine.decideNow((deciding, moment) => {
        const broken = loadPicture(deciding.picture, loaded, moment);
        for (const words of broken) events.brokenDag(words);
        for (const [partition, { epoch }] of waiting) {
          ownership.partitions.set(partition, { epoch, isLoaded: true });
        }
        for (const { dagId } of loaded.dags) {
          const dag = deciding.picture.dags.get(dagId);
          if (dag !== undefined) wake(deciding, moment, dag);
        }
      });
      onLoaded(partitions);
      // Nobody waits for its commit: what it changes follows from what is committed already.
      woken.catch((error: unknown) => events.loadFailed(error));
    } catch (error) {
      if (!this.#stopping.signal.aborted) events.loadFailed(error);
    }
  }

  async #release(schedulerId: string): Promise<void> {
    const { partitions, events } = this.#options;
    await partitions
      .releaseScheduler({ schedulerId }, { timeoutMs: RELEASE_TIMEOUT_MS })
      .catch((error: unknown) => events.renewalFailed(error));
  }
}

/**
 * Sets everything of a DAG in motion that may go on: due runs, queued runs, instances whose
 * dependencies are met.
 */
export function wake(deciding: Deciding, moment: Moment, dag: Dag): void {
  for (const run of dag.runs.values()) {
    if (run.state === DagRunState.RUNNING) advance(deciding, run, run.nodes.map(lookAt));
  }
  startRuns(deciding, moment, dag);
  advanceBackfills(deciding, moment, dag);
  if (dag.cursor.next === undefined) reschedule(deciding, moment, dag);
  else createDueRuns(deciding, moment, dag);
}

async function collect(
  { ledger }: PartitionKeeperOptions,
  partitions: readonly number[],
  signal: AbortSignal,
): Promise<Loaded> {
  const loaded = {
    pools: new Array<Loaded['pools'][number]>(),
    versions: new Array<Loaded['versions'][number]>(),
    dags: new Array<Loaded['dags'][number]>(),
    runs: new Array<Loaded['runs'][number]>(),
    taskInstances: new Array<Loaded['taskInstances'][number]>(),
    attempts: new Array<Loaded['attempts'][number]>(),
    receipts: new Array<Loaded['receipts'][number]>(),
    backfills: new Array<Loaded['backfills'][number]>(),
    deadlines: new Array<Loaded['deadlines'][number]>(),
    keyPauses: new Array<Loaded['keyPauses'][number]>(),
    runAssetEvents: new Array<Loaded['runAssetEvents'][number]>(),
    slaMisses: new Array<Loaded['slaMisses'][number]>(),
  };
  const asked = { partitions: [...partitions], omitDeliveries: true };
  const pages = ledger.loadPartitions(asked, { signal, timeoutMs: LOAD_TIMEOUT_MS });
  for await (const page of pages) {
    loaded.pools.push(...page.pools);
    loaded.versions.push(...page.versions);
    loaded.dags.push(...page.dags);
    loaded.runs.push(...page.runs);
    loaded.taskInstances.push(...page.taskInstances);
    loaded.attempts.push(...page.attempts);
    loaded.receipts.push(...page.receipts);
    loaded.backfills.push(...page.backfills);
    loaded.deadlines.push(...page.deadlines);
    loaded.keyPauses.push(...page.keyPauses);
    loaded.runAssetEvents.push(...page.runAssetEvents);
    loaded.slaMisses.push(...page.slaMisses);
  }
  return loaded;
}
