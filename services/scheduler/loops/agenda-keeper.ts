// Keeps the agenda: one timer for the next thing that is due, whatever it is.
import type { Clock, Timer } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import { nextDueMs } from '../core/agenda.ts';
import { keepAgenda } from '../core/sweep.ts';
import type { SchedulerEvents } from '../events.ts';
import type { Engine } from './commit/engine.ts';

/**
 * Items per decision, so that a thousand schedules of one second go into few commits and block
 * nobody for long.
 */
const ITEMS_MAX = 250;
/** The wall clock may be set: never trust a timer for longer. */
const SLEEP_MAX_MS = 60_000;

/** Pause after nothing could be decided: what is due is still due. */
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 5_000;

/** The timer is set anew by `look`, which costs nothing when the next instant has not changed. */
export type AgendaKeeper = Part & { look(): void };

export function createAgendaKeeper(options: {
  readonly engine: () => Engine;
  readonly clock: Clock;
  readonly events: SchedulerEvents;
}): AgendaKeeper {
  const { clock, events } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let timer: Timer | undefined;
  let setForMs: number | undefined;
  let keeping: Promise<void> | undefined;
  let failuresCount = 0;
  let isStarted = false;

  const look = () => {
    if (!isStarted || signal.aborted || keeping !== undefined) return;
    const dueMs = nextDueMs(options.engine().picture().agenda);
    if (dueMs === setForMs) return;
    timer?.cancel();
    setForMs = dueMs;
    if (dueMs === undefined) return;
    const waitMs = Math.min(Math.max(0, dueMs - options.engine().moment().nowMs), SLEEP_MAX_MS);
    timer = clock.timer(waitMs, begin);
  };
  const begin = () => {
    keeping = keep().finally(() => {
      keeping = undefined;
      setForMs = undefined;
      look();
    });
  };
  const keep = async () => {
    try {
      await options.engine().decide((deciding, moment) => keepAgenda(deciding, moment, ITEMS_MAX));
      failuresCount = 0;
    } catch (error) {
      if (signal.aborted) return;
      events.decisionFailed('agenda', error);
      const attempt = failuresCount++;
      const pause = { attempt, firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS };
      await clock.sleep(backoffMs(pause), signal);
    }
  };

  return {
    name: 'agenda keeper',
    look,
    start: async () => {
      isStarted = true;
      look();
    },
    stop: async () => {
      stopping.abort();
      timer?.cancel();
      await keeping;
    },
  };
}
