// Where executors wait for work that there is not yet.
import type { Clock } from '#kernel/clock/clock.ts';
import { isLive } from '../../core/attempt/leases.ts';
import type { Attempt } from '../../core/attempt/attempt.ts';
import type { LeaseWaiter } from '../../core/attempt/offer.ts';
import type { Picture } from '../../core/picture.ts';

export type Wait = { readonly ms: number; readonly signal: AbortSignal };

export class WaitingRoom {
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #waiting = new Map<LeaseWaiter, (leases: readonly Attempt[]) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for leases until they come, the time is over, the signal aborts, or the room closes. */
  async wait(
    waiter: LeaseWaiter,
    { ms, signal }: Wait,
    picture: () => Picture,
  ): Promise<readonly Attempt[]> {
    const served = Promise.withResolvers<readonly Attempt[]>();
    const leave = () => {
      if (!this.#waiting.delete(waiter)) return;
      picture().waiters.delete(waiter);
      served.resolve([]);
    };
    picture().waiters.add(waiter);
    this.#waiting.set(waiter, served.resolve);
    if (signal.aborted || this.#closing.signal.aborted) leave();
    const timer = this.#clock.timer(ms, leave);
    signal.addEventListener('abort', leave, { once: true });
    this.#closing.signal.addEventListener('abort', leave, { once: true });
    return served.promise.finally(() => {
      timer.cancel();
      signal.removeEventListener('abort', leave);
      this.#closing.signal.removeEventListener('abort', leave);
    });
  }

  /** Tells those who were served, once the commit that makes their leases is answered. */
  dismissServed(answered: Promise<void>): void {
    for (const [waiter, resolve] of this.#waiting) {
      if (waiter.leases.length === 0) continue;
      this.#waiting.delete(waiter);
      answered.then(
        () => resolve(waiter.leases.filter(isLive)),
        () => resolve([]),
      );
    }
  }

  /** Those who wait go on waiting before another picture. */
  moveTo(picture: Picture): void {
    for (const waiter of this.#waiting.keys()) picture.waiters.add(waiter);
  }

  /** Sends everybody away. */
  close(): void {
    this.#closing.abort();
  }
}
