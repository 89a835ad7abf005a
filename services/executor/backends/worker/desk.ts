// What both kinds of remote workers, with a stream and without, are served with.
import type { Clock } from '#kernel/clock/clock.ts';
import type { Timing } from '#kernel/config/timing.ts';
import { toDuration } from '#kernel/clock/timestamp.ts';
import type { Adopter } from '../../attempts/adopter.ts';
import type { Endings } from '../../attempts/endings.ts';
import type { Reporter } from '../../attempts/reporter.ts';
import type { Tokens } from '../../attempts/tokens.ts';
import { listAttempts, tokensToRefresh } from '../../core/heartbeat.ts';
import { TOKEN_LIFE_MS } from '../../core/limits.ts';
import type { Roster, WorkerEntry } from '../../core/roster.ts';
import type { ExecutorEvents } from '../../events.ts';
import type { Links } from '../link.ts';

/** The parts of the executor that workers come in touch with. */
export type WorkerDesk = {
  readonly roster: Roster;
  readonly links: Links;
  readonly tokens: Tokens;
  readonly adopter: Adopter;
  readonly endings: Endings;
  readonly reporter: Pick<Reporter, 'has'>;
  readonly clock: Clock;
  readonly events: ExecutorEvents;
  readonly timing: Timing;
  /** Largest log of one attempt, in bytes. */
  readonly logSizeMax: number;
  /** Called when a worker may have more free slots than before. */
  readonly onCredit: () => void;
};

/** The instant, on both clocks. */
export function nowOf({ clock }: WorkerDesk) {
  return { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
}

/** The worker lists what it works on; answers the ids that are not its own. */
export function hearList(
  { clock, reporter }: WorkerDesk,
  worker: WorkerEntry,
  attemptIds: readonly string[],
): string[] {
  const isReported = (attemptId: string) => reporter.has(attemptId);
  return listAttempts(worker, attemptIds, { monotonicMs: clock.monotonicMs(), isReported });
}

/** New tokens for attempts whose token has lost half of its life. */
export function refreshTokens({ clock, tokens }: WorkerDesk, worker: WorkerEntry) {
  const due = tokensToRefresh(worker, { nowMs: clock.nowMs(), tokenLifeMs: TOKEN_LIFE_MS });
  return due.map((attempt) => ({
    attemptId: attempt.attemptId,
    attemptToken: tokens.mint(attempt),
  }));
}

/** The spans every worker is told. */
export function spansOf({ timing }: WorkerDesk) {
  return {
    heartbeatInterval: toDuration(timing.heartbeatMs),
    leaseTtl: toDuration(timing.leaseTtlMs),
  };
}
