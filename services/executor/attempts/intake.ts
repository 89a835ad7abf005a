// Asks one scheduler for leases for slots on offer: the single way in which work is fetched.
import type { AttemptLease } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import type { SchedulerPeer } from '#kernel/rpc/topology.ts';
import { type Offer, settle, toSlotOffers } from '../core/credit.ts';

/** What one question says beside its offers. */
export type Question = {
  /** Tickets that led to it. */
  readonly ticketIds?: readonly string[];
  /** How long the scheduler may wait for work to come; not at all unless given. */
  readonly waitMs?: number;
  readonly signal: AbortSignal;
};

/** Fetches work. */
export type Intake = {
  /**
   * Asks for leases, sends them on, and answers how many came. The offers are settled, whatever
   * happens. Rejects as the call does.
   */
  ask(scheduler: SchedulerPeer, offers: readonly Offer[], question: Question): Promise<number>;
};

/** Deadline of a question beyond the time it may wait. */
const ASK_TIMEOUT_MS = 4_000;

/** Asks on behalf of one executor. */
export function createIntake(options: {
  readonly executorId: string;
  readonly onLeases: (leases: readonly AttemptLease[]) => void;
  /** Called when slots may have become free again. */
  readonly onCredit: () => void;
}): Intake {
  const { executorId } = options;
  return {
    ask: async (scheduler, offers, { ticketIds = [], waitMs = 0, signal }) => {
      let isSettled = false;
      const settleOnce = () => {
        if (!isSettled) settle(offers);
        isSettled = true;
      };
      try {
        const { leases } = await scheduler.client.leaseAttempts(
          {
            executorId,
            offers: toSlotOffers(offers),
            ticketIds: [...ticketIds],
            ...(waitMs > 0 ? { wait: toDuration(waitMs) } : {}),
          },
          { signal, timeoutMs: waitMs + ASK_TIMEOUT_MS },
        );
        // In one turn: the slots must not be offered elsewhere between being settled and being
        // taken.
        settleOnce();
        options.onLeases(leases);
        return leases.length;
      } finally {
        settleOnce();
        options.onCredit();
      }
    },
  };
}
