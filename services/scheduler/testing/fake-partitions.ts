// Who owns which partition, in a metadata service in memory.
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import { PARTITIONS_COUNT } from '#kernel/partition/partition.ts';
import type { Handlers } from '#kernel/rpc/service.ts';
import type { Store } from './fake-ledger.ts';

/** The service: partitions are shared evenly between the schedulers that renew themselves. */
export function partitionsOf(store: Store): Handlers<typeof PartitionService> {
  const { sessions, owners, clock } = store;
  const expire = () => {
    for (const [id, { untilMs }] of sessions) if (untilMs < clock.monotonicMs()) drop(id);
  };
  const drop = (id: string) => {
    sessions.delete(id);
    for (const [partition, { owner, epoch }] of owners) {
      if (owner === id) owners.set(partition, { owner: '', epoch });
    }
  };
  return {
    renewScheduler: async ({ schedulerId, address, ttl }) => {
      expire();
      const session = sessions.get(schedulerId) ?? { address, lastSeq: 0n, lastAnswer: undefined };
      const untilMs = clock.monotonicMs() + (fromDuration(ttl) ?? 1_500);
      sessions.set(schedulerId, { ...session, untilMs });
      share(store, [...sessions.keys()]);
      const partitions = [...owners].flatMap(([partition, { owner, epoch }]) =>
        owner === schedulerId ? { partition, epoch } : [],
      );
      return { partitions, commitSeq: session.lastSeq };
    },
    releaseScheduler: async ({ schedulerId }) => {
      drop(schedulerId);
      return {};
    },
    renewExecutor: async () => ({}),
    releaseExecutor: async () => ({}),
    watchPartitions: async function* (_request, { signal }) {
      yield { executors: [{ executorId: 'e1', address: 'local:e1' }] };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  };
}

/** Everybody gets an even share; what has a living owner stays unless that one has too much. */
function share({ owners, guests }: Store, ids: readonly string[]): void {
  const most = Math.ceil(PARTITIONS_COUNT / ids.length);
  const counts = new Map(ids.map((id) => [id, 0]));
  for (let partition = 0; partition < PARTITIONS_COUNT; partition += 1) {
    const held = owners.get(partition) ?? { owner: '', epoch: 0n };
    const count = counts.get(held.owner);
    if (guests.has(held.owner)) continue;
    if (count !== undefined && count < most) {
      counts.set(held.owner, count + 1);
      continue;
    }
    const [next = ''] = ids.toSorted((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0));
    counts.set(next, (counts.get(next) ?? 0) + 1);
    owners.set(partition, { owner: next, epoch: held.epoch + 1n });
  }
}
