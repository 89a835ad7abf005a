// Tells operators of queues in which tasks wait for long, and no worker serves them.
import type { Clock } from '#kernel/clock/clock.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import { stuckQueues } from '../core/limit/stuck-queues.ts';
import type { SchedulerEvents } from '../events.ts';
import type { Engine } from './commit/engine.ts';

/** Looks several times before a wait gets as old again, but not more often than this. */
const LOOKS_PER_TIMEOUT = 5;
const LOOK_LEAST_MS = 1_000;

export function createQueueWatch(options: {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly events: SchedulerEvents;
  readonly timeoutMs: number;
}): Part {
  const { engine, clock, events, timeoutMs } = options;
  const stopping = new AbortController();
  let loop: Promise<void> | undefined;

  const run = async () => {
    while (!stopping.signal.aborted) {
      await clock.sleep(Math.max(timeoutMs / LOOKS_PER_TIMEOUT, LOOK_LEAST_MS), stopping.signal);
      const stuck = stopping.signal.aborted ? [] : stuckQueues(engine.picture(), engine.moment());
      events.queuesLooked(stuck);
    }
  };

  return {
    name: 'queue watch',
    start: async () => {
      loop = run();
    },
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
}
