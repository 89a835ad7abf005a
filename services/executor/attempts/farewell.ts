// How an executor takes leave: nothing new begins, workers go on elsewhere, and what they have
// reported is brought home.
import type { Clock } from '#kernel/clock/clock.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Links } from '../backends/link.ts';
import { type Roster, wasSent } from '../core/roster.ts';
import type { Endings } from './endings.ts';
import type { Reporter } from './reporter.ts';

/** How long schedulers get to answer what workers have reported. */
const LAST_REPORTS_MS = 3_000;

/** A part that does nothing until it stops. `withdraw` takes the executor off the map. */
export function createFarewell(options: {
  readonly roster: Roster;
  readonly links: Links;
  readonly endings: Pick<Endings, 'giveUp'>;
  readonly reporter: Pick<Reporter, 'idle' | 'stop'>;
  readonly clock: Clock;
  readonly withdraw: () => Promise<void>;
}): Part {
  const { roster, links, reporter, clock } = options;
  return {
    name: 'sessions',
    start: async () => undefined,
    stop: async () => {
      await options.withdraw();
      for (const worker of roster.workers.values()) worker.slots = 0;
      returnUnstarted(roster, options.endings);
      for (const link of links.values()) link.goAway();
      const enough = new AbortController();
      const timer = clock.timer(LAST_REPORTS_MS, () => enough.abort());
      await reporter.idle(enough.signal);
      timer.cancel();
      reporter.stop();
      for (const link of links.values()) link.end();
    },
  };
}

/** Leases that have not reached a worker go back at once; what workers have goes on with them. */
function returnUnstarted(roster: Roster, endings: Pick<Endings, 'giveUp'>): void {
  for (const attempt of roster.attempts.values()) {
    const isFetched = roster.workers.get(attempt.workerId)?.kind === 'unary';
    if (attempt.phase !== 'leased' || (wasSent(attempt) && !isFetched)) continue;
    endings.giveUp(attempt, { kind: 'rejected', reason: 'the executor stops' });
  }
}
