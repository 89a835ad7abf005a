// Keeps the agenda: one timer for the next thing that is due, whatever it is.
import type { Clock, Timer } from '#kernel/clock/clock.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import { nextDueMs } from '../core/agenda.ts';
import { keepAgenda } from '../core/sweep.ts';
import type { Engine } from './engine.ts';

/**
 * Items per decision, so that a thousand schedules of one second go into few commits and block
 * nobody for long.
 */
const ITEMS_MAX = 250;
/** The wall clock may be set: never trust a timer for longer. */
const SLEEP_MAX_MS = 60_000;

/** The timer is set anew by `look`, which costs nothing when the next instant has not changed. */
export type AgendaKeeper = Part & { look(): void };

export function createAgendaKeeper(options: {
  readonly engine: () => Engine;
  readonly clock: Clock;
}): AgendaKeeper {
  const { clock } = options;
  let timer: Timer | undefined;
  let setForMs: number | undefined;
  let isBusy = false;
  let isStopped = true;

  const look = () => {
    if (isStopped || isBusy) return;
    const dueMs = nextDueMs(options.engine().picture().agenda);
    if (dueMs === setForMs) return;
    timer?.cancel();
    setForMs = dueMs;
    if (dueMs === undefined) return;
    const waitMs = Math.min(Math.max(0, dueMs - options.engine().moment().nowMs), SLEEP_MAX_MS);
    timer = clock.timer(waitMs, () => void keep());
  };
  const keep = async () => {
    isBusy = true;
    await options
      .engine()
      .decide((deciding, moment) => keepAgenda(deciding, moment, ITEMS_MAX))
      .catch(() => undefined);
    isBusy = false;
    setForMs = undefined;
    look();
  };

  return {
    name: 'agenda keeper',
    look,
    start: async () => {
      isStopped = false;
      look();
    },
    stop: async () => {
      isStopped = true;
      timer?.cancel();
    },
  };
}
