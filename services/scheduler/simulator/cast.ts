// Those on stage: attempts that are performed, the time they live through, and when all of them are
// quiet. One is busy, asleep, or ended; an end may lie ahead, when the task is said to have taken a
// while.
import type { Attempt } from '../core/attempt/attempt.ts';
import type { OutcomeInit } from './simulation.ts';

/** What became of an attempt, and how long it took in virtual time; nothing by default. */
export type Performance = { readonly outcome: OutcomeInit; readonly tookMs?: number };

/** Time as an attempt lives through it. */
export type Stage = {
  /** The virtual clock, epoch milliseconds. */
  nowMs(): number;
  /** Lets virtual time pass; ends early when the attempt is stopped. */
  sleep(ms: number): Promise<void>;
  /** Aborts when the attempt is over before its performer said so. */
  readonly signal: AbortSignal;
};

/** An attempt on stage. */
export type Playing = {
  readonly attempt: Attempt;
  /** When its execution timeout is over; infinite without one. */
  readonly deadlineMs: number;
  readonly controller: AbortController;
  sleep: { readonly untilMs: number; readonly wake: () => void } | undefined;
  /** True once its scheduler has done with it: nobody waits for its performer any more. */
  isGone: boolean;
  end: { readonly atMs: number; readonly outcome: OutcomeInit } | undefined;
};

export class Cast {
  readonly #nowMs: () => number;
  /** In the order of their leases, which is the order in which ends of one instant count. */
  readonly #playing = new Map<string, Playing>();
  #busyCount = 0;
  #onQuiet: () => void = () => undefined;
  #broken: { readonly error: unknown } | undefined;

  /** `nowMs` reads the virtual clock. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#playing.size;
  }

  all(): readonly Playing[] {
    return [...this.#playing.values()];
  }

  /** An attempt is performed from now on. */
  enter(
    { attempt, deadlineMs }: Pick<Playing, 'attempt' | 'deadlineMs'>,
    perform: (stage: Stage) => Promise<Performance>,
  ): void {
    const playing: Playing = {
      ...{ attempt, deadlineMs },
      controller: new AbortController(),
      ...{ sleep: undefined, isGone: false, end: undefined },
    };
    this.#playing.set(attempt.attemptId, playing);
    this.#busyCount += 1;
    perform(this.#stageOf(playing)).then(
      ({ outcome, tookMs = 0 }) => {
        playing.end = { atMs: this.#nowMs() + Math.max(tookMs, 0), outcome };
        this.#nowQuiet(playing);
      },
      (error: unknown) => {
        if (!playing.isGone) this.#broken ??= { error };
        this.#nowQuiet(playing);
      },
    );
  }

  /** One leaves; a performer that has not ended is told why. */
  leave(playing: Playing, reason: string): void {
    const { attempt, controller, sleep, end } = playing;
    this.#playing.delete(attempt.attemptId);
    if (end !== undefined) return;
    playing.isGone = true;
    controller.abort(new DOMException(reason, 'AbortError'));
    sleep?.wake();
  }

  /** Resolves when everybody sleeps or has ended; rejects with what a performer threw. */
  async quiet(): Promise<void> {
    if (this.#busyCount > 0 && this.#broken === undefined) {
      await new Promise<void>((resolve) => {
        this.#onQuiet = resolve;
      });
    }
    if (this.#broken !== undefined) throw this.#broken.error;
  }

  #stageOf(playing: Playing): Stage {
    const { signal } = playing.controller;
    return {
      signal,
      nowMs: this.#nowMs,
      sleep: (ms) =>
        new Promise((resolve) => {
          if (signal.aborted || playing.sleep !== undefined) return resolve();
          const wake = () => {
            playing.sleep = undefined;
            if (!playing.isGone) this.#busyCount += 1;
            resolve();
          };
          playing.sleep = { untilMs: this.#nowMs() + Math.max(ms, 0), wake };
          this.#nowQuiet(playing);
        }),
    };
  }

  #nowQuiet({ isGone }: Playing): void {
    if (isGone) return;
    this.#busyCount -= 1;
    if (this.#busyCount === 0 || this.#broken !== undefined) this.#onQuiet();
  }
}
