// The triggers that run in this process, each for the scheduler that gave it.
//
// A wait is taken → its trigger runs → it ends by itself (its event goes to the outbox), or it is
// stopped: removed by its scheduler, lost to another triggerer, or left behind by a stream that
// broke. A wait that comes again while its trigger runs goes on, for whoever sent it last; one
// whose event is not acknowledged yet is not run again.
import type { TriggerLease } from '#gen/dagmesh/scheduler/v1/trigger_lease_pb.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { messageOf } from '#kernel/errors/errors.ts';
import { type Outcome, toEvent } from './core/outcome.ts';
import type { TriggererEvents } from './events.ts';
import type { Outbox } from './outbox.ts';
import type { StartTrigger, TriggerKind } from './triggers/trigger.ts';

/** What the waits work with. */
export type WaitsOptions = {
  readonly startTrigger: StartTrigger;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly events: TriggererEvents;
};

/** Most that are told at once, as the contract has it. */
const UNTRUE_MAX = 5_000;

type Wait = {
  readonly kind: TriggerKind;
  schedulerId: string;
  /** Place in the order of everything that was taken and marked. */
  takenAt: number;
  stop: () => void;
};

/** All waits of this process by wait_id. */
export class Waits {
  readonly #options: WaitsOptions;
  readonly #waits = new Map<string, Wait>();
  /** Those that saw untrue what they wait for, until that was told. */
  readonly #untrue = new Set<string>();
  #turn = 0;

  /** Nothing is waited for yet. */
  constructor(options: WaitsOptions) {
    this.#options = options;
  }

  /** Begins to wait for these, those of higher priority first. */
  take(schedulerId: string, leases: readonly TriggerLease[]): void {
    for (const lease of leases.toSorted((a, b) => b.priority - a.priority)) {
      const running = this.#waits.get(lease.waitId);
      if (running !== undefined) {
        running.schedulerId = schedulerId;
        running.takenAt = this.mark();
      } else if (!this.#options.outbox.adopt(schedulerId, lease.waitId)) {
        this.#begin(schedulerId, lease);
      }
    }
  }

  /**
   * Stops waits of this scheduler. With a `mark`, only those that were taken before it: an answer
   * cannot speak of what came after its question.
   */
  drop(schedulerId: string, waitIds: readonly string[], mark = Number.POSITIVE_INFINITY): void {
    for (const waitId of waitIds) {
      const wait = this.#waits.get(waitId);
      if (wait?.schedulerId === schedulerId && wait.takenAt < mark) this.#end(waitId, wait);
    }
  }

  /** Stops all waits of a scheduler; answers how many there were. */
  leave(schedulerId: string): number {
    const own = [...this.#waits].filter(([, wait]) => wait.schedulerId === schedulerId);
    for (const [waitId, wait] of own) this.#end(waitId, wait);
    return own.length;
  }

  /** Waits of this scheduler that it was not told yet have seen their known event untrue. */
  untrue(schedulerId: string): string[] {
    const all = this.#untrue.values();
    const own = all.filter((waitId) => this.#waits.get(waitId)?.schedulerId === schedulerId);
    return [...own.take(UNTRUE_MAX)];
  }

  /** The scheduler knows of these. */
  toldUntrue(waitIds: readonly string[]): void {
    for (const waitId of waitIds) this.#untrue.delete(waitId);
  }

  /** A point in the order of what is taken. */
  mark(): number {
    this.#turn += 1;
    return this.#turn;
  }

  #begin(schedulerId: string, lease: TriggerLease): void {
    const { startTrigger, clock, events } = this.#options;
    const kind = lease.trigger?.kind.case;
    if (kind === undefined) return this.#refuse(schedulerId, lease);
    const wait: Wait = { kind, schedulerId, takenAt: this.mark(), stop: () => undefined };
    this.#waits.set(lease.waitId, wait);
    events.begun(kind);
    const end = (outcome: Outcome) => this.#finish(lease, wait, outcome);
    try {
      const sinceMs = fromTimestamp(lease.since) ?? clock.nowMs();
      const { assetCursor, knownEventSha256: known, waitId } = lease;
      const onUntrue = () => void this.#untrue.add(waitId);
      const about = { waitId, sinceMs, known, assetCursor, onUntrue, end };
      const stop = startTrigger(lease.trigger, about);
      // It may have come to its end before it was begun for good.
      if (this.#waits.get(lease.waitId) === wait) wait.stop = stop;
      else stop();
    } catch (error) {
      end({ kind: 'failed', error: messageOf(error) });
    }
  }

  /** Contracts grow: a kind that this version does not know arrives as none. */
  #refuse(schedulerId: string, { waitId }: TriggerLease): void {
    const error = 'this triggerer does not know the kind of this trigger; update it';
    this.#options.outbox.add(schedulerId, toEvent(waitId, { kind: 'failed', error }));
  }

  #finish(lease: TriggerLease, wait: Wait, outcome: Outcome): void {
    const { outbox, events } = this.#options;
    if (this.#waits.get(lease.waitId) !== wait) return;
    this.#end(lease.waitId, wait);
    outbox.add(wait.schedulerId, toEvent(lease.waitId, outcome));
    events.ended(wait.kind, lease, outcome);
  }

  #end(waitId: string, wait: Wait): void {
    this.#waits.delete(waitId);
    this.#untrue.delete(waitId);
    this.#options.events.stopped(wait.kind);
    wait.stop();
  }
}
