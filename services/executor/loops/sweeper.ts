// Acts on what time has decided: lost workers, leases not started in time, attempts that a worker
// has forgotten.
import type { Clock } from '#kernel/clock/clock.ts';
import type { Endings } from '../attempts/endings.ts';
import type { Links } from '../backends/link.ts';
import { hear } from '../core/heartbeat.ts';
import type { Roster, WorkerEntry } from '../core/roster.ts';
import { findOverdue, forgiveGap } from '../core/sweep.ts';
import type { ExecutorEvents } from '../events.ts';
import { repeat } from './repeat.ts';

/** What the sweeper works with. */
export type SweeperOptions = {
  readonly roster: Roster;
  readonly links: Links;
  readonly endings: Pick<Endings, 'giveUp'>;
  readonly clock: Clock;
  readonly events: ExecutorEvents;
  readonly leaseTtlMs: number;
  readonly sweepMs: number;
  readonly signal: AbortSignal;
};

/** Sweeps every `sweepMs`; ends with the signal. */
export function runSweeper(options: SweeperOptions): Promise<void> {
  const { roster, clock, events, sweepMs, leaseTtlMs, signal } = options;
  let lastMs = clock.monotonicMs();
  const turn = () => {
    const monotonicMs = clock.monotonicMs();
    // A turn that comes late by more than one period means that this process stood still.
    const lateMs = monotonicMs - lastMs - sweepMs;
    lastMs = monotonicMs;
    if (lateMs > sweepMs) {
      forgiveGap(roster, lateMs);
      events.stoodStill(lateMs);
    }
    sweep(options);
    events.census(roster);
  };
  return repeat(turn, {
    clock,
    signal,
    // Short TTLs, as tests have, want a sweep that does not outlast them.
    pauseMs: () => Math.min(sweepMs, leaseTtlMs),
    onError: (error) => events.loopFailed('sweeper', error),
  });
}

/** One look over the roster. */
export function sweep(options: SweeperOptions): void {
  const { roster, endings, clock, leaseTtlMs } = options;
  const now = { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
  for (const worker of roster.workers.values()) if (isWaitingForWork(worker)) hear(worker, now);
  const overdue = findOverdue(roster, { monotonicMs: now.monotonicMs, leaseTtlMs });
  for (const attempt of overdue.lateStarts) {
    const reason = `worker ${attempt.workerId} did not start it in time`;
    endings.giveUp(attempt, { kind: 'rejected', reason });
  }
  for (const attempt of overdue.forgotten) {
    const reason = `worker ${attempt.workerId} does not know it any more`;
    endings.giveUp(attempt, { kind: 'lost', reason });
  }
  for (const worker of overdue.silentWorkers) loseWorker(options, worker);
}

/** A call of this worker is open, so it lives, although it says nothing. */
function isWaitingForWork(worker: WorkerEntry): boolean {
  return worker.kind === 'unary' && worker.slots > 0;
}

function loseWorker(options: SweeperOptions, worker: WorkerEntry): void {
  const { roster, links, endings, events } = options;
  const attempts = [...worker.held.values()];
  // A worker without a stream and without attempts may just have gone home.
  if (worker.kind === 'stream' || attempts.length > 0) events.workerLost(worker, attempts.length);
  // Off the roster first: a link that is still open must not get leases while its attempts are
  // given up.
  roster.workers.delete(worker.workerId);
  for (const attempt of attempts) {
    const isBegun = attempt.phase === 'running';
    endings.giveUp(attempt, {
      kind: isBegun ? 'lost' : 'rejected',
      reason: `worker ${worker.workerId} was not heard for ${options.leaseTtlMs} ms`,
    });
  }
  // Should it still be there, it has to begin anew.
  links.get(worker.workerId)?.goAway();
  links.get(worker.workerId)?.end();
  links.delete(worker.workerId);
}
