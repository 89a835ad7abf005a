// In case a doorbell fails unnoticed: workers with free slots that nobody was offered for long are
// offered to every scheduler.
import type { Bus } from '#kernel/bus/bus.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { jittered } from '#kernel/clock/random.ts';
import type { Topology } from '#kernel/rpc/topology.ts';
import type { Intake } from '../attempts/intake.ts';
import { takeOffers } from '../core/credit.ts';
import type { Roster, WorkerEntry } from '../core/roster.ts';
import type { ExecutorEvents } from '../events.ts';
import { repeat } from './repeat.ts';

/** Most slots of one question. */
const SLOTS_MAX = 500;

/**
 * Every `reringMs`, offers each worker that was not offered since the last time; ends with the
 * signal.
 */
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
  let offered = new Map<WorkerEntry, number>();
  const look = async () => {
    const before = offered;
    const isQuiet = (worker: WorkerEntry) => before.get(worker) === worker.offersCount;
    const quiet = new Set([...roster.workers.values()].filter(isQuiet));
    for (const scheduler of bus.connected() ? topology.schedulers() : []) {
      const isWanted = (worker: WorkerEntry) => quiet.has(worker);
      const offers = takeOffers(roster, { slotsMax: SLOTS_MAX, isWanted });
      if (offers.length === 0) break;
      try {
        const count = await intake.ask(scheduler, offers, { signal });
        if (count > 0) events.doorbellMissed(scheduler.id, count);
      } catch (error) {
        if (!signal.aborted) events.askFailed(scheduler.id, error);
      }
    }
    offered = new Map([...roster.workers.values()].map((worker) => [worker, worker.offersCount]));
  };
  return repeat(look, {
    clock,
    signal,
    pauseMs: () => jittered(reringMs),
    onError: (error) => events.loopFailed('safety-poller', error),
  });
}
