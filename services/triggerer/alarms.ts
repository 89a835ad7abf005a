// One timer for any number of alarms: a wheel of ticks, each with the alarms that fall due in it.
import type { Clock, Timer } from '#kernel/clock/clock.ts';

/** Something to be done at an instant. */
export type Alarm = {
  /** Keeps it from being done; does nothing when it was done or cancelled before. */
  cancel(): void;
};

/** What the alarms go by. */
export type AlarmsOptions = {
  readonly clock: Clock;
  /** `wall`: instants since the epoch; `elapsed`: instants of the clock that is never set. */
  readonly time: 'wall' | 'elapsed';
  /** Gets what an alarm throws; the others are run all the same. */
  readonly onError: (error: unknown) => void;
};

/** Alarms go off up to this much late, so that many share a wake-up. */
const TICK_MS = 10;

/** A wall clock that is set forward is noticed after this long at the latest. */
const WALL_LOOK_MS = 1_000;

type Entry = { readonly atMs: number; readonly run: (lateMs: number) => void; isOver: boolean };

/** Alarms that share one timer; costs nothing while there are none. */
export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #ticks = new Map<number, Set<Entry>>();
  #timer: { readonly tick: number; readonly timer: Timer } | undefined;

  /** No alarm is set yet. */
  constructor(options: AlarmsOptions) {
    this.#options = options;
  }

  /** Now, in the time these alarms go by. */
  nowMs(): number {
    const { clock, time } = this.#options;
    return time === 'wall' ? clock.nowMs() : clock.monotonicMs();
  }

  /**
   * Runs a function at an instant, never before; one that has passed is as good as now, and still
   * comes later than this call. The function learns by how much it is late.
   */
  set(atMs: number, run: (lateMs: number) => void): Alarm {
    const tick = Math.ceil(atMs / TICK_MS);
    const entry: Entry = { atMs, run, isOver: false };
    const entries = this.#ticks.get(tick);
    if (entries === undefined) this.#ticks.set(tick, new Set([entry]));
    else entries.add(entry);
    if (this.#timer === undefined || tick < this.#timer.tick) this.#arm(tick);
    return { cancel: () => this.#cancel(tick, entry) };
  }

  /** How many are set. */
  get size(): number {
    let count = 0;
    for (const entries of this.#ticks.values()) count += entries.size;
    return count;
  }

  /** Cancels all. */
  clear(): void {
    this.#ticks.clear();
    this.#timer?.timer.cancel();
    this.#timer = undefined;
  }

  #cancel(tick: number, entry: Entry): void {
    entry.isOver = true;
    const entries = this.#ticks.get(tick);
    if (entries?.delete(entry) && entries.size === 0) this.#ticks.delete(tick);
  }

  #arm(tick: number): void {
    this.#timer?.timer.cancel();
    const { clock, time } = this.#options;
    const delayMs = tick * TICK_MS - this.nowMs();
    const shortMs = time === 'wall' ? Math.min(delayMs, WALL_LOOK_MS) : delayMs;
    this.#timer = { tick, timer: clock.timer(shortMs, () => this.#ring()) };
  }

  #ring(): void {
    this.#timer = undefined;
    const nowMs = this.nowMs();
    const due = [...this.#ticks.keys()].filter((tick) => tick * TICK_MS <= nowMs);
    for (const tick of due.sort((a, b) => a - b)) this.#goOff(tick, nowMs);
    let next: number | undefined;
    for (const tick of this.#ticks.keys()) if (next === undefined || tick < next) next = tick;
    if (next !== undefined) this.#arm(next);
  }

  #goOff(tick: number, nowMs: number): void {
    const entries = this.#ticks.get(tick);
    if (entries === undefined) return;
    // Taken out first: an alarm set meanwhile for an instant that has passed comes next time.
    this.#ticks.delete(tick);
    for (const entry of entries) {
      // Another alarm of the same tick may have cancelled it.
      if (entry.isOver) continue;
      try {
        entry.run(nowMs - entry.atMs);
      } catch (error) {
        this.#options.onError(error);
      }
    }
  }
}
