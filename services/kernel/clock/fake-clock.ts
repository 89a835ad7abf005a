// A clock for tests: time stands still until the test moves it.
import type { Clock, Timer } from './clock.ts';

type Alarm = { readonly atMs: number; readonly order: number; readonly run: () => void };

/** A clock that a test moves by hand. */
export class FakeClock implements Clock {
  #nowMs: number;
  #elapsedMs = 0;
  #order = 0;
  readonly #alarms = new Set<Alarm>();

  /** Starts at an instant, 2026-01-01T00:00:00Z unless told otherwise. */
  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = () => {
        timer.cancel();
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = this.timer(ms, wake);
      signal?.addEventListener('abort', wake);
    });
  }

  timer(ms: number, run: () => void): Timer {
    const alarm = { atMs: this.#elapsedMs + Math.max(ms, 0), order: this.#order++, run };
    this.#alarms.add(alarm);
    return { cancel: () => void this.#alarms.delete(alarm) };
  }

  /** How many sleeps and timers are waiting. */
  get waitingCount(): number {
    return this.#alarms.size;
  }

  /**
   * Moves time forward, running what falls due in order. Between two instants everything that can
   * go on without more time does go on, so that a loop which sleeps again is woken again.
   */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    await settle();
    for (let alarm = this.#next(untilMs); alarm !== undefined; alarm = this.#next(untilMs)) {
      this.#moveTo(alarm.atMs);
      this.#alarms.delete(alarm);
      alarm.run();
      await settle();
    }
    this.#moveTo(untilMs);
    await settle();
  }

  /** Sets the wall clock without running anything, as an operator or NTP may do. */
  step(ms: number): void {
    this.#nowMs += ms;
  }

  #moveTo(elapsedMs: number): void {
    this.#nowMs += elapsedMs - this.#elapsedMs;
    this.#elapsedMs = elapsedMs;
  }

  #next(untilMs: number): Alarm | undefined {
    let first: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (alarm.atMs > untilMs) continue;
      if (first === undefined || isBefore(alarm, first)) first = alarm;
    }
    return first;
  }
}

function isBefore(a: Alarm, b: Alarm): boolean {
  return a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs;
}

/** Lets promises and immediate callbacks run dry. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
