// Looks for leases that ended and attempts that overstayed. Judges nobody for a time when this
// process itself stood still.
import type { Clock } from '#kernel/clock/clock.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import { extendLeases, sweepAttempts } from '../core/sweep.ts';
import type { SchedulerEvents } from '../events.ts';
import type { Engine } from './commit/engine.ts';

/** A sweep this many intervals late means that we were away, and not the workers. */
const LATE_FACTOR = 5;
const LATE_LEAST_MS = 500;

export function createSweeper(options: {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly events: SchedulerEvents;
  readonly sweepMs: number;
}): Part {
  const { engine, clock, events, sweepMs } = options;
  const stopping = new AbortController();
  let loop: Promise<void> | undefined;

  const run = async () => {
    let lastMs = clock.monotonicMs();
    while (!stopping.signal.aborted) {
      await clock.sleep(sweepMs, stopping.signal);
      const nowMs = clock.monotonicMs();
      const lateMs = nowMs - lastMs - sweepMs;
      lastMs = nowMs;
      engine.checkClock();
      if (lateMs > Math.max(sweepMs * LATE_FACTOR, LATE_LEAST_MS)) {
        events.stoodStill(lateMs);
        extendLeases(engine.picture(), nowMs);
      } else if (engine.picture().attempts.size > 0) {
        await engine.decide(sweepAttempts).catch((error: unknown) => {
          if (!stopping.signal.aborted) events.decisionFailed('sweep', error);
        });
      }
    }
  };

  return {
    name: 'sweeper',
    start: async () => {
      loop = run();
    },
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
}
