// Attempts that come with a worker and are unknown here, because another executor leased them or
// this one was started anew: their schedulers say whose they are.
import type { Clock } from '#kernel/clock/clock.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import type { SchedulerPeer, Topology } from '#kernel/rpc/topology.ts';
import { adoptedAttempt } from '../core/resume.ts';
import { type AttemptName, hold, type Roster, type WorkerEntry } from '../core/roster.ts';
import type { ExecutorEvents } from '../events.ts';

/** An attempt as its token names it. */
export type ClaimedAttempt = AttemptName & { readonly expiresAtMs: number };

/** Adopts attempts. */
export type Adopter = {
  /**
   * Puts attempts on the roster as the worker's own and answers the ids of those that their
   * schedulers disown. Where no scheduler answers in time they are kept: the next renewal will say.
   */
  adopt(worker: WorkerEntry, claimed: readonly ClaimedAttempt[]): Promise<string[]>;
};

/** How long a worker that says Hello may wait for the schedulers' word. */
const ASK_TIMEOUT_MS = 1_500;

/** Asks on behalf of one executor. */
export function createAdopter(options: {
  readonly executorId: string;
  readonly roster: Roster;
  readonly topology: Pick<Topology, 'schedulerOf'>;
  readonly clock: Clock;
  readonly events: ExecutorEvents;
}): Adopter {
  const { executorId, roster, topology, clock, events } = options;

  const disowned = async (
    workerId: string,
    scheduler: SchedulerPeer,
    claimed: readonly ClaimedAttempt[],
  ): Promise<readonly string[]> => {
    const attemptIds = claimed.map(({ attemptId }) => attemptId);
    const workers = [{ workerId, attemptIds, heardAgo: toDuration(0) }];
    try {
      const answer = await scheduler.client.renewLeases(
        { executorId, workers },
        { timeoutMs: ASK_TIMEOUT_MS },
      );
      return answer.lostAttemptIds;
    } catch (error) {
      events.renewalFailed(scheduler.id, error);
      return [];
    }
  };

  return {
    adopt: async (worker, claimed) => {
      const owned = Map.groupBy(claimed, ({ partition }) => topology.schedulerOf(partition));
      const answers = await Promise.all(
        [...owned].map(([scheduler, part]) =>
          scheduler === undefined ? [] : disowned(worker.workerId, scheduler, part),
        ),
      );
      const lost = new Set(answers.flat());
      for (const name of claimed) {
        const isCurrent = roster.workers.get(worker.workerId) === worker;
        if (!isCurrent || lost.has(name.attemptId) || roster.attempts.has(name.attemptId)) continue;
        const now = { monotonicMs: clock.monotonicMs(), tokenExpiresAtMs: name.expiresAtMs };
        hold(roster, worker, adoptedAttempt(name, worker, now));
      }
      return [...lost];
    },
  };
}
