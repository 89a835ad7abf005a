// Keeps this scheduler's partitions: renews them, loads the gained ones, lets go of the lost ones.
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { advance, type Deciding } from '../core/advance.ts';
import { dropPartitions, type Loaded, loadPicture } from '../core/load.ts';
import type { Dag, Moment } from '../core/picture.ts';
import { startRuns } from '../core/runs.ts';
import { createDueRuns, reschedule } from '../core/schedule.ts';
import { DagRunState } from '../core/state.ts';
import type { SchedulerEvents } from '../events.ts';
import type { Engine } from './engine.ts';
import type { Ownership } from './ownership.ts';

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
};

const RELEASE_TIMEOUT_MS = 2_000;

/** Renews at a third of the TTL until stopped; then gives everything back. */
export function createPartitionKeeper(options: PartitionKeeperOptions): Part {
  const { partitions, engine, ownership, clock, events, ttlMs } = options;
  const stopping = new AbortController();
  let loop: Promise<void> | undefined;

  const renew = async () => {
    for (const schedulerId of ownership.takeLeft()) await release(schedulerId);
    const schedulerId = ownership.schedulerId();
    const answer = await partitions.renewScheduler(
      { schedulerId, address: options.address, ttl: toDuration(ttlMs) },
      { timeoutMs: ttlMs, signal: stopping.signal },
    );
    // A reset while we asked began another session: this answer is about the old one.
    if (schedulerId !== ownership.schedulerId()) return;
    await takeOver(new Map(answer.partitions.map((each) => [each.partition, each.epoch])));
  };

  const takeOver = async (owned: ReadonlyMap<number, bigint>) => {
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
    const toLoad = [...ownership.partitions].filter(([, { isLoaded }]) => !isLoaded);
    if (toLoad.length > 0) await load(new Map(toLoad.map(([id, { epoch }]) => [id, epoch])));
    if (lost.length + gained.length > 0) events.partitionsMoved(gained.length, lost.length);
  };

  const load = async (epochs: ReadonlyMap<number, bigint>) => {
    const loaded = await collect(options, [...epochs.keys()], stopping.signal);
    const isOurs = (partition: number) =>
      ownership.partitions.get(partition)?.epoch === epochs.get(partition);
    if (![...epochs.keys()].every(isOurs)) return;
    for (const [partition, epoch] of epochs) {
      ownership.partitions.set(partition, { epoch, isLoaded: true });
    }
    // Nobody waits for this commit: what it changes follows from what is committed already.
    void engine
      .decide((deciding, moment) => {
        for (const broken of loadPicture(deciding.picture, loaded, moment))
          events.brokenDag(broken);
        for (const { dagId } of loaded.dags) {
          const dag = deciding.picture.dags.get(dagId);
          if (dag !== undefined) wake(deciding, moment, dag);
        }
      })
      .catch(() => undefined);
  };

  const release = (schedulerId: string) =>
    partitions
      .releaseScheduler({ schedulerId }, { timeoutMs: RELEASE_TIMEOUT_MS })
      .then(() => undefined)
      .catch((error: unknown) => events.renewalFailed(error));

  const run = async () => {
    for (let attempt = 0; !stopping.signal.aborted; ) {
      try {
        await renew();
        attempt = 0;
        await clock.sleep(ttlMs / 3, stopping.signal);
      } catch (error) {
        if (stopping.signal.aborted) return;
        events.renewalFailed(error);
        await clock.sleep(backoffMs({ attempt, firstMs: 50, maxMs: ttlMs / 3 }), stopping.signal);
        attempt += 1;
      }
    }
  };

  return {
    name: 'partition keeper',
    start: async () => {
      loop = run();
    },
    stop: async () => {
      stopping.abort();
      await loop;
      // What is decided must be committed before others may decide.
      await engine.idle();
      if (loop !== undefined) await release(ownership.schedulerId());
      loop = undefined;
    },
  };
}

/**
 * Sets everything of a DAG in motion that may go on: due runs, queued runs, instances whose
 * dependencies are met.
 */
export function wake(deciding: Deciding, moment: Moment, dag: Dag): void {
  for (const run of dag.runs.values()) {
    if (run.state === DagRunState.RUNNING) advance(deciding, run, run.instances);
  }
  startRuns(deciding, moment, dag);
  if (dag.cursor.next === undefined) reschedule(deciding, moment, dag);
  else createDueRuns(deciding, moment, dag);
}

async function collect(
  { ledger }: PartitionKeeperOptions,
  partitions: readonly number[],
  signal: AbortSignal,
): Promise<Loaded> {
  const loaded = {
    pools: [] as Loaded['pools'][number][],
    versions: [] as Loaded['versions'][number][],
    dags: [] as Loaded['dags'][number][],
    runs: [] as Loaded['runs'][number][],
    taskInstances: [] as Loaded['taskInstances'][number][],
    attempts: [] as Loaded['attempts'][number][],
    receipts: [] as Loaded['receipts'][number][],
  };
  for await (const page of ledger.loadPartitions({ partitions: [...partitions] }, { signal })) {
    loaded.pools.push(...page.pools);
    loaded.versions.push(...page.versions);
    loaded.dags.push(...page.dags);
    loaded.runs.push(...page.runs);
    loaded.taskInstances.push(...page.taskInstances);
    loaded.attempts.push(...page.attempts);
    loaded.receipts.push(...page.receipts);
  }
  return loaded;
}
