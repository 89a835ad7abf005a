// Announces this executor to the mesh for as long as it serves.
import type { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs, jittered } from '#kernel/clock/random.ts';
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

/**
 * Announces at once, then at a third of the TTL until the signal aborts; sooner again where
 * metadata did not answer.
 */
export async function runAnnouncer(options: AnnouncerOptions): Promise<void> {
  const { clock, events, signal, ttlMs } = options;
  let failuresCount = 0;
  const turn = async () => {
    try {
      await announce(options);
      failuresCount = 0;
    } catch (error) {
      failuresCount += 1;
      throw error;
    }
  };
  const onError = (error: unknown) => events.loopFailed('announcer', error);
  const pauseMs = () =>
    failuresCount === 0
      ? Math.min(jittered(ttlMs / 3), ttlMs / 2)
      : backoffMs({ attempt: failuresCount, firstMs: 100, maxMs: ttlMs / 3 });
  await turn().catch(onError);
  await repeat(turn, { clock, signal, pauseMs, onError });
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
