// Tells schedulers that their attempts live, and brings back which of them do not or must end.
import type { Clock } from '#kernel/clock/clock.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import type { Topology } from '#kernel/rpc/topology.ts';
import type { Endings } from '../attempts/endings.ts';
import type { Reporter } from '../attempts/reporter.ts';
import { planRenewals, type Renewal } from '../core/renewal.ts';
import type { Roster } from '../core/roster.ts';
import type { ExecutorEvents } from '../events.ts';
import { repeat } from './repeat.ts';

/** What the renewer works with. */
export type RenewerOptions = {
  readonly executorId: string;
  readonly roster: Roster;
  readonly topology: Pick<Topology, 'schedulerOf' | 'schedulers'>;
  readonly endings: Pick<Endings, 'takeAway' | 'cancel'>;
  readonly reporter: Pick<Reporter, 'pending'>;
  readonly clock: Clock;
  readonly events: ExecutorEvents;
  readonly heartbeatMs: number;
  readonly killGraceMs: number;
  readonly signal: AbortSignal;
};

/** Renews what is live twice per heartbeat; ends with the signal. */
export function runRenewer(options: RenewerOptions): Promise<void> {
  const { clock, events, heartbeatMs, signal } = options;
  return repeat(() => renewAll(options), {
    clock,
    signal,
    pauseMs: () => heartbeatMs / 2,
    onError: (error) => events.loopFailed('renewer', error),
  });
}

/** One round over all schedulers; one that cannot be reached is asked again in the next. */
export async function renewAll(options: RenewerOptions): Promise<void> {
  const { roster, topology, clock, events } = options;
  const renewals = planRenewals(roster, {
    monotonicMs: clock.monotonicMs(),
    ownerOf: (partition) => topology.schedulerOf(partition)?.id,
    ending: options.reporter.pending(),
  });
  await Promise.all(
    renewals.map(async (renewal) => {
      try {
        await renew(options, renewal);
      } catch (error) {
        if (!options.signal.aborted) events.renewalFailed(renewal.schedulerId, error);
      }
    }),
  );
}

async function renew(options: RenewerOptions, renewal: Renewal): Promise<void> {
  const { topology, endings, signal, heartbeatMs } = options;
  const scheduler = topology.schedulers().find(({ id }) => id === renewal.schedulerId);
  if (scheduler === undefined) return;
  const workers = renewal.workers.map(({ workerId, attemptIds, heardAgoMs }) => ({
    workerId,
    attemptIds,
    heardAgo: toDuration(heardAgoMs),
  }));
  const { lostAttemptIds, cancels } = await scheduler.client.renewLeases(
    { executorId: options.executorId, workers },
    { signal, timeoutMs: heartbeatMs },
  );
  endings.takeAway(lostAttemptIds);
  for (const { attemptId, mode, reason } of cancels) {
    endings.cancel([attemptId], { mode, reason, graceMs: options.killGraceMs });
  }
}
