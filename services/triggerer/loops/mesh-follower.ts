// Attends every scheduler of the mesh, and gives each an even share of the capacity.
import type { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import type { Timer } from '#kernel/clock/clock.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Client } from '#kernel/rpc/client.ts';
import { type SchedulerPeer, watchTopology } from '#kernel/rpc/topology.ts';
import type { Wiring } from '#kernel/service/service.ts';
import type { TriggererEvents } from '../events.ts';
import type { Outbox } from '../outbox.ts';
import type { Waits } from '../waits.ts';
import { Attendant } from './attendant.ts';
import { runReporter } from './reporter.ts';

/** What the follower works with. */
export type MeshFollowerOptions = Pick<Wiring, 'clock' | 'dial' | 'log'> & {
  readonly triggererId: string;
  readonly capacity: number;
  readonly partitions: Client<typeof PartitionService>;
  readonly waits: Waits;
  readonly outbox: Outbox;
  readonly events: TriggererEvents;
};

/**
 * How long the events of a scheduler that is gone are kept for the one that takes over: by then it
 * has sent the waits it still wants.
 */
const KEEP_EVENTS_MS = 60_000;

type Attendance = {
  readonly peer: SchedulerPeer;
  readonly attendant: Attendant;
  readonly gone: AbortController;
  readonly ended: Promise<unknown>;
};

/** Follows the map of the mesh while its part runs. */
export function createMeshFollower(options: MeshFollowerOptions): Part {
  const { outbox, clock } = options;
  const attendances = new Map<string, Attendance>();
  const forgetting = new Map<string, Timer>();
  let watching = new AbortController();

  const leave = ({ peer, gone, ended }: Attendance): Promise<unknown> => {
    attendances.delete(peer.id);
    gone.abort();
    return ended;
  };
  const follow = (peers: readonly SchedulerPeer[]) => {
    for (const attendance of [...attendances.values()]) {
      const { id, address } = attendance.peer;
      if (peers.some((peer) => peer.id === id && peer.address === address)) continue;
      void leave(attendance);
      const forget = () => {
        forgetting.delete(id);
        outbox.forget(id);
      };
      forgetting.set(id, clock.timer(KEEP_EVENTS_MS, forget));
    }
    const capacity = Math.max(Math.floor(options.capacity / peers.length), 1);
    for (const peer of peers) {
      forgetting.get(peer.id)?.cancel();
      forgetting.delete(peer.id);
      const known = attendances.get(peer.id);
      if (known === undefined) attendances.set(peer.id, attend(options, peer, capacity));
      else known.attendant.offer(capacity);
    }
  };

  return {
    name: 'mesh follower',
    start: async () => {
      watching = new AbortController();
      const { signal } = watching;
      const topology = watchTopology({ ...options, signal });
      topology.onChange(() => {
        if (!signal.aborted) follow(topology.schedulers());
      });
    },
    stop: async () => {
      watching.abort();
      for (const timer of forgetting.values()) timer.cancel();
      forgetting.clear();
      await Promise.all([...attendances.values()].map(leave));
    },
  };
}

function attend(options: MeshFollowerOptions, peer: SchedulerPeer, capacity: number): Attendance {
  const gone = new AbortController();
  const attendant = new Attendant({ ...options, peer, capacity });
  const ended = Promise.all([
    attendant.run(gone.signal),
    runReporter({ ...options, peer }, gone.signal),
  ]);
  return { peer, attendant, gone, ended };
}
