// In case the doorbell fails unnoticed: slots that have been free for long without a lease are offered to every scheduler.
import type { Bus } from '#kernel/bus/bus.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { jittered } from '#kernel/clock/random.ts';
import type { Topology } from '#kernel/rpc/topology.ts';
import type { Intake } from '../attempts/intake.ts';
import { takeOffers } from '../core/credit.ts';
import type { Roster } from '../core/roster.ts';
import type { ExecutorEvents } from '../events.ts';
import { repeat } from './repeat.ts';

/** Most slots of one question. */
const SLOTS_MAX = 500;

/** Asks each scheduler once per `reringMs` while slots are free and nothing comes; ends with the signal. */
export function runSafetyPoller(options: {
  readonly roster: Roster;
  readonly bus: Pick<Bus, 'connected'>;
  readonly topology: Pick<Topology, 'schedulers'>;
  readonly intake: Intake;
  readonly clock: Clock;
  readonly events: ExecutorEvents;
  readonly reringMs: number;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { roster, bus, topology, intake, clock, events, reringMs, signal } = options;
  const look = async () => {
    if (!bus.connected() || clock.monotonicMs() - intake.lastLeaseMs() < reringMs) return;
    for (const scheduler of topology.schedulers()) {
      const offers = takeOffers(roster, { slotsMax: SLOTS_MAX });
      if (offers.length === 0) return;
      try {
        const count = await intake.ask(scheduler, offers, { signal });
        if (count > 0) events.doorbellMissed(scheduler.id, count);
      } catch (error) {
        if (!signal.aborted) events.askFailed(scheduler.id, error);
      }
    }
  };
  return repeat(look, {
    clock,
    signal,
    pauseMs: () => jittered(reringMs),
    onError: (error) => events.loopFailed('safety-poller', error),
  });
}
