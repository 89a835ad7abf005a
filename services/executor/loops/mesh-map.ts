// The map of the mesh for as long as the executor runs: empty before it has started, and as last
// seen after it has stopped.
import type { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Log } from '#kernel/log/log.ts';
import type { Client, Dial } from '#kernel/rpc/client.ts';
import { type Topology, watchTopology } from '#kernel/rpc/topology.ts';

/** What the executor needs of the map. */
export type MeshMap = Pick<Topology, 'schedulerOf' | 'schedulers' | 'onChange' | 'callOwner'>;

/** A map that is followed while its part runs. */
export function createMeshMap(options: {
  readonly partitions: Client<typeof PartitionService>;
  readonly dial: Dial;
  readonly clock: Clock;
  readonly log: Log;
}): { readonly map: MeshMap; readonly part: Part } {
  const listeners = new Set<() => void>();
  let topology: Topology | undefined;
  let watching = new AbortController();
  return {
    map: {
      schedulerOf: (partition) => topology?.schedulerOf(partition),
      schedulers: () => topology?.schedulers() ?? [],
      onChange: (run) => {
        listeners.add(run);
        return () => void listeners.delete(run);
      },
      callOwner: (...call) => {
        if (topology === undefined)
          throw fail('starting', 'this executor is still starting; retry');
        return topology.callOwner(...call);
      },
    },
    part: {
      name: 'mesh map',
      start: async () => {
        watching = new AbortController();
        topology = watchTopology({ ...options, signal: watching.signal });
        topology.onChange(() => {
          for (const run of listeners) run();
        });
      },
      stop: async () => watching.abort(),
    },
  };
}
