// Announces this executor to the mesh for as long as it serves.
import type { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { jittered } from '#kernel/clock/random.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import type { Client } from '#kernel/rpc/client.ts';
import type { ExecutorEvents } from '../events.ts';
import { repeat } from './repeat.ts';

/** What the announcer works with. */
export type AnnouncerOptions = {
  readonly executorId: string;
  /** host:port at which others reach this executor. */
  readonly address: string;
  readonly partitions: Client<typeof PartitionService>;
  readonly clock: Clock;
  readonly events: ExecutorEvents;
  readonly ttlMs: number;
  readonly signal: AbortSignal;
};

/** Announces once, then at a third of the TTL until the signal aborts. */
export async function runAnnouncer(options: AnnouncerOptions): Promise<void> {
  const { clock, events, signal, ttlMs } = options;
  await announce(options).catch((error: unknown) => events.loopFailed('announcer', error));
  await repeat(() => announce(options), {
    clock,
    signal,
    pauseMs: () => Math.min(jittered(ttlMs / 3), ttlMs / 2),
    onError: (error) => events.loopFailed('announcer', error),
  });
}

/** Takes the announcement back; where that fails, it ends by itself after its TTL. */
export async function withdraw(options: AnnouncerOptions): Promise<void> {
  const { executorId, partitions, events } = options;
  await partitions
    .releaseExecutor({ executorId }, { timeoutMs: 1_000 })
    .catch((error: unknown) => events.loopFailed('announcer', error));
}

async function announce(options: AnnouncerOptions): Promise<void> {
  const { executorId, address, ttlMs, partitions, signal } = options;
  await partitions.renewExecutor(
    { executorId, address, ttl: toDuration(ttlMs) },
    { signal, timeoutMs: ttlMs / 3 },
  );
}
