// Who owns what and who is alive, as the metadata service streams it.
import { ExecutorService } from '#gen/dagmesh/executor/v1/executor_service_pb.ts';
import type {
  PartitionService,
  WatchPartitionsResponse,
} from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { Clock } from '../clock/clock.ts';
import { backoffMs } from '../clock/random.ts';
import { fail } from '../errors/errors.ts';
import type { Log } from '../log/log.ts';
import { partitionOf } from '../partition/partition.ts';
import type { Client, Dial } from './client.ts';
import { retrying } from './retry.ts';

/** A live scheduler. */
export type SchedulerPeer = {
  /** New for each start of its process. */
  readonly id: string;
  readonly address: string;
  readonly client: Client<typeof SchedulerService>;
  /** Partitions it owns, 0 to 255. */
  readonly partitions: readonly number[];
};

/** A live executor. */
export type ExecutorPeer = {
  /** New for each start of its process. */
  readonly id: string;
  readonly address: string;
  readonly client: Client<typeof ExecutorService>;
};

/** How one call to an owner is to be made. */
export type OwnerCall = { readonly timeoutMs: number; readonly signal?: AbortSignal };

/**
 * The map as it was last seen. While metadata is away the last map stays: owners seldom change, and
 * a wrong one says so.
 */
export type Topology = {
  /** Owner of a partition, undefined while nobody has it. */
  schedulerOf(partition: number): SchedulerPeer | undefined;
  /** All live schedulers. */
  schedulers(): readonly SchedulerPeer[];
  /** All live executors. */
  executors(): readonly ExecutorPeer[];
  /** Resolves once a map was seen; rejects when the watch's signal aborts first. */
  ready(): Promise<void>;
  /** Calls `run` after each new map, until the answered function is called. */
  onChange(run: () => void): () => void;
  /**
   * Calls the owner of a DAG, again wherever the map leads next, while the answer is `not_owner`,
   * `taking_over` or UNAVAILABLE; gives up after `deadlineMs` (10 s) with the last error. Only for
   * calls that are safe to repeat.
   */
  callOwner<T>(
    dagId: string,
    run: (client: Client<typeof SchedulerService>, call: OwnerCall) => Promise<T>,
    options?: { readonly signal?: AbortSignal | undefined; readonly deadlineMs?: number },
  ): Promise<T>;
};

type Picture = {
  readonly schedulers: readonly SchedulerPeer[];
  readonly executors: readonly ExecutorPeer[];
  readonly owners: ReadonlyMap<number, SchedulerPeer>;
};

const NOBODY: Picture = { schedulers: [], executors: [], owners: new Map() };

/** Follows the map until the signal aborts; reconnects for ever, with backoff. */
export function watchTopology(options: {
  readonly partitions: Client<typeof PartitionService>;
  readonly dial: Dial;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}): Topology {
  const { partitions, dial, clock, log, signal } = options;
  const listeners = new Set<() => void>();
  const seen = Promise.withResolvers<void>();
  // Nobody may be waiting when the watch ends.
  seen.promise.catch(() => undefined);
  signal.addEventListener('abort', () => seen.reject(signal.reason));
  let picture = NOBODY;

  const follow = async () => {
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        for await (const map of partitions.watchPartitions({}, { signal })) {
          attempt = 0;
          picture = pictureOf(map, picture, dial);
          seen.resolve();
          for (const listener of listeners) listener();
        }
      } catch (error) {
        if (!signal.aborted) log.debug({ err: error }, 'partition map lost');
      }
      await clock.sleep(backoffMs({ attempt, firstMs: 50, maxMs: 1_000 }), signal);
    }
  };
  void follow();

  return {
    schedulerOf: (partition) => picture.owners.get(partition),
    schedulers: () => picture.schedulers,
    executors: () => picture.executors,
    ready: () => seen.promise,
    onChange: (run) => {
      listeners.add(run);
      return () => void listeners.delete(run);
    },
    callOwner: (dagId, run, call = {}) =>
      retrying(
        async ({ timeoutMs }) => {
          const owner = picture.owners.get(partitionOf(dagId));
          if (owner === undefined) {
            throw fail('taking_over', `no scheduler owns DAG ${dagId} at the moment; retry soon`);
          }
          const own = call.signal === undefined ? {} : { signal: call.signal };
          return run(owner.client, { timeoutMs, ...own });
        },
        { clock, signal: call.signal, deadlineMs: call.deadlineMs ?? 10_000 },
      ),
  };
}

/** The new map; a peer that was there before keeps its client. */
function pictureOf(map: WatchPartitionsResponse, before: Picture, dial: Dial): Picture {
  const schedulers = map.schedulers.map((entry): SchedulerPeer => {
    const { schedulerId: id, address } = entry;
    const known = before.schedulers.find((peer) => peer.id === id && peer.address === address);
    const client = known?.client ?? dial(SchedulerService, address);
    return { id, address, client, partitions: entry.partitions.map(({ partition }) => partition) };
  });
  const executors = map.executors.map((entry): ExecutorPeer => {
    const { executorId: id, address } = entry;
    const known = before.executors.find((peer) => peer.id === id && peer.address === address);
    return known ?? { id, address, client: dial(ExecutorService, address) };
  });
  const owners = new Map<number, SchedulerPeer>();
  for (const peer of schedulers)
    for (const partition of peer.partitions) owners.set(partition, peer);
  return { schedulers, executors, owners };
}
