// Tells executors to end attempts, once the decision is committed. What does not arrive is told
// again with the next renewal.
import type { CancelMode } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import type { Topology } from '#kernel/rpc/topology.ts';
import type { ChangeSet } from '../core/change-set.ts';
import type { Attempt } from '../core/attempt/attempt.ts';
import type { SchedulerEvents } from '../events.ts';

const TELL_TIMEOUT_MS = 5_000;
/** Attempts of one call. */
const TOLD_MAX = 1_000;

type Telling = {
  readonly executorId: string;
  readonly mode: CancelMode;
  readonly reason: string;
  readonly attemptIds: string[];
};

/** Sends the cancels of a commit, one call for each executor, mode and reason. */
export function createCanceller(options: {
  readonly topology: Topology;
  readonly events: SchedulerEvents;
}): (changes: ChangeSet) => void {
  const tell = async (telling: Telling) => {
    const { executorId, mode, reason } = telling;
    // The one that leased it, or whoever its worker is connected to now.
    const named = options.topology.executors().filter(({ id }) => id === executorId);
    const peers = named.length > 0 ? named : options.topology.executors();
    for (let from = 0; from < telling.attemptIds.length; from += TOLD_MAX) {
      const attemptIds = telling.attemptIds.slice(from, from + TOLD_MAX);
      for (const { client } of peers) {
        await client
          .cancelAttempts({ attemptIds, mode, reason }, { timeoutMs: TELL_TIMEOUT_MS })
          .catch((error: unknown) => options.events.cancelFailed(error));
      }
    }
  };
  return ({ cancels }) => {
    for (const telling of grouped(cancels)) void tell(telling);
  };
}

function grouped(cancels: ReadonlySet<Attempt>): Iterable<Telling> {
  const groups = new Map<string, Telling>();
  for (const { attemptId, executorId, cancel } of cancels) {
    if (cancel === undefined) continue;
    const { mode, reason } = cancel;
    const key = `${executorId} ${mode} ${reason}`;
    const group = groups.get(key) ?? { executorId, mode, reason, attemptIds: [] };
    group.attemptIds.push(attemptId);
    groups.set(key, group);
  }
  return groups.values();
}
