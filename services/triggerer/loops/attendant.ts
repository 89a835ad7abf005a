// Keeps one stream open to a scheduler, over which its triggers come and go.
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import type { SchedulerPeer } from '#kernel/rpc/topology.ts';
import type { TriggererEvents } from '../events.ts';
import type { Waits } from '../waits.ts';

/** What an attendant works with. */
export type AttendantOptions = {
  readonly triggererId: string;
  readonly peer: SchedulerPeer;
  /** How many triggers it offers to run. */
  readonly capacity: number;
  readonly waits: Pick<Waits, 'take' | 'drop' | 'leave'>;
  readonly clock: Clock;
  readonly events: TriggererEvents;
};

/** Attends one scheduler. */
export class Attendant {
  readonly #options: AttendantOptions;
  #capacity: number;
  #call = new AbortController();

  /** Calls nobody before `run`. */
  constructor(options: AttendantOptions) {
    this.#options = options;
    this.#capacity = options.capacity;
  }

  /** Offers another capacity: the stream is opened again, since it is named there only. */
  offer(capacity: number): void {
    if (capacity === this.#capacity) return;
    this.#capacity = capacity;
    this.#call.abort();
  }

  /**
   * Attends until the signal aborts. Whenever the stream breaks, its triggers are stopped, because
   * the scheduler gives them to others then; what it still wants here it sends again.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const giveUp = () => this.#call.abort();
    signal.addEventListener('abort', giveUp);
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      this.#call = new AbortController();
      const wasAttended = await this.#attend(this.#call.signal);
      if (wasAttended) attempt = 0;
      await clock.sleep(backoffMs({ attempt, firstMs: 50, maxMs: 2_000 }), signal);
    }
    signal.removeEventListener('abort', giveUp);
  }

  /** One stream from its beginning to its end; true when the scheduler said something on it. */
  async #attend(signal: AbortSignal): Promise<boolean> {
    const { triggererId, peer, waits, events } = this.#options;
    const capacity = this.#capacity;
    let isAttended = false;
    let failure: unknown;
    try {
      for await (const change of peer.client.attendTriggers(
        { triggererId, capacity },
        { signal },
      )) {
        if (!isAttended) events.attending(peer, capacity);
        isAttended = true;
        waits.drop(peer.id, change.removedWaitIds);
        waits.take(peer.id, change.added);
      }
    } catch (error) {
      failure = error;
    }
    const count = waits.leave(peer.id);
    if (isAttended) events.left(peer, { count, error: failure });
    else events.notAttended(peer, failure);
    return isAttended;
  }
}
