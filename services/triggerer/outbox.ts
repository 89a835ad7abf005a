// Ends of waits that no scheduler has acknowledged yet, by the scheduler they are for.
import { type EventInit, eventSize } from './core/outcome.ts';

/** Most events of one report, as the contract has it. */
const EVENTS_MAX = 5_000;

/** What a report may hold before another is begun, in bytes. */
const REPORT_SIZE_MAX = 1024 * 1024;

type Lane = { readonly events: Map<string, EventInit>; bell: AbortController };

/**
 * An event stays until it is acknowledged. Events of a scheduler that is gone wait for the one that
 * takes its DAGs over: it sends their waits again, and `adopt` makes the events its own. There is
 * at most one event per wait.
 */
export class Outbox {
  readonly #lanes = new Map<string, Lane>();
  readonly #owners = new Map<string, string>();

  /** Adds the end of a wait and wakes whoever reports to the scheduler. */
  add(schedulerId: string, event: EventInit): void {
    this.#owners.set(event.waitId, schedulerId);
    const lane = this.#laneOf(schedulerId);
    lane.events.set(event.waitId, event);
    lane.bell.abort();
  }

  /**
   * True when the wait has ended already: its event is the given scheduler's from now on. It is
   * told anew, also to the one it was for: what is on the way may be answered that the wait was not
   * here.
   */
  adopt(schedulerId: string, waitId: string): boolean {
    const ownerId = this.#owners.get(waitId);
    const event = ownerId === undefined ? undefined : this.#lanes.get(ownerId)?.events.get(waitId);
    if (ownerId === undefined || event === undefined) return false;
    this.settle(ownerId, [event]);
    this.add(schedulerId, { ...event });
    return true;
  }

  /** What goes into the next report to the scheduler, oldest first; it stays until settled. */
  batch(schedulerId: string): EventInit[] {
    const batch: EventInit[] = [];
    let size = 0;
    for (const event of this.#laneOf(schedulerId).events.values()) {
      size += eventSize(event);
      if (batch.length > 0 && (size > REPORT_SIZE_MAX || batch.length >= EVENTS_MAX)) break;
      batch.push(event);
    }
    return batch;
  }

  /** These are answered; an event that was adopted since then stays. */
  settle(schedulerId: string, events: readonly EventInit[]): void {
    const lane = this.#lanes.get(schedulerId);
    for (const event of events) {
      if (lane?.events.get(event.waitId) !== event) continue;
      lane.events.delete(event.waitId);
      this.#owners.delete(event.waitId);
    }
  }

  /** Aborts as soon as there is something to report, or somebody rings. */
  filled(schedulerId: string): AbortSignal {
    const lane = this.#laneOf(schedulerId);
    if (lane.events.size === 0 && lane.bell.signal.aborted) lane.bell = new AbortController();
    return lane.bell.signal;
  }

  /** Wakes whoever waits to report to a scheduler, without anything to report. */
  ring(schedulerId: string): void {
    this.#laneOf(schedulerId).bell.abort();
  }

  /** Forgets a scheduler that will not come back, and what was for it. */
  forget(schedulerId: string): void {
    const lane = this.#lanes.get(schedulerId);
    if (lane === undefined) return;
    this.settle(schedulerId, [...lane.events.values()]);
    this.#lanes.delete(schedulerId);
  }

  #laneOf(schedulerId: string): Lane {
    const known = this.#lanes.get(schedulerId);
    if (known !== undefined) return known;
    const lane = { events: new Map<string, EventInit>(), bell: new AbortController() };
    this.#lanes.set(schedulerId, lane);
    return lane;
  }
}
