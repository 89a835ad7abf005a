// Tells a scheduler what its triggers have come to: at once when nothing is under way, else with
// the next call; and once a second that this process lives.
import { Code, ConnectError, isRetryable } from '#kernel/errors/errors.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import type { SchedulerPeer } from '#kernel/rpc/topology.ts';
import { type EventInit, toEvent } from '../core/outcome.ts';
import type { TriggererEvents } from '../events.ts';
import type { Outbox } from '../outbox.ts';
import type { Waits } from '../waits.ts';

/** What a reporter works with. */
export type ReporterOptions = {
  readonly triggererId: string;
  readonly peer: SchedulerPeer;
  readonly outbox: Outbox;
  readonly waits: Pick<Waits, 'drop' | 'mark' | 'untrue' | 'toldUntrue'>;
  readonly clock: Clock;
  readonly events: TriggererEvents;
};

/** How often a sign of life goes out when there is nothing to tell. */
const SIGN_OF_LIFE_MS = 1_000;

/** Deadline of one report; what was taken and not answered is reported again. */
const REPORT_TIMEOUT_MS = 5_000;

/** Reports until the signal aborts. */
export async function runReporter(options: ReporterOptions, signal: AbortSignal): Promise<void> {
  const { outbox, peer, clock, events } = options;
  // The scheduler may refuse one event of many: half as many go next, until that one is alone.
  let countMax = Number.POSITIVE_INFINITY;
  let failuresCount = 0;
  signal.addEventListener('abort', () => outbox.ring(peer.id));
  while (!signal.aborted) {
    if (failuresCount === 0) {
      await clock.sleep(SIGN_OF_LIFE_MS, outbox.filled(peer.id));
    } else {
      const attempt = failuresCount - 1;
      await clock.sleep(backoffMs({ attempt, firstMs: 50, maxMs: 1_000 }), signal);
    }
    if (signal.aborted) return;
    const batch = outbox.batch(peer.id).slice(0, countMax);
    try {
      await report(options, batch, signal);
      failuresCount = 0;
      countMax *= 2;
    } catch (error) {
      if (signal.aborted) return;
      events.reportFailed(peer, error);
      failuresCount += 1;
      if (!isRefusal(error)) continue;
      const [event] = batch;
      if (batch.length === 1 && event !== undefined) replace(options, event, error);
      countMax = Math.max(Math.ceil(batch.length / 2), 1);
    }
  }
}

async function report(
  options: ReporterOptions,
  batch: readonly EventInit[],
  signal: AbortSignal,
): Promise<void> {
  const { triggererId, peer, outbox, waits, clock, events } = options;
  const startedMs = clock.monotonicMs();
  const mark = waits.mark();
  const untrueWaitIds = waits.untrue(peer.id);
  const { lostWaitIds } = await peer.client.reportTriggers(
    { triggererId, events: [...batch], untrueWaitIds },
    { signal, timeoutMs: REPORT_TIMEOUT_MS },
  );
  outbox.settle(peer.id, batch);
  waits.toldUntrue(untrueWaitIds);
  waits.drop(peer.id, lostWaitIds, mark);
  events.reported(clock.monotonicMs() - startedMs);
}

/** The task must go on somehow: an event that is refused becomes a failure, which is the last. */
function replace(options: ReporterOptions, event: EventInit, error: unknown): void {
  const { outbox, peer, events } = options;
  events.eventRefused(peer, event, error);
  outbox.settle(peer.id, [event]);
  const reason = 'the scheduler refused the event of the trigger';
  if (event.error === reason) return;
  outbox.add(peer.id, toEvent(event.waitId, { kind: 'failed', error: reason }));
}

/** The contract forbids what was sent: sending it again would not help. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof ConnectError && error.code === Code.InvalidArgument && !isRetryable(error)
  );
}
