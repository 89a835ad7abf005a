// How long a sensor waits between two pokes: arithmetic alone, so that a table can check it.
import { createHash } from 'node:crypto';

/** What the wait after a poke depends on. All spans in seconds. */
export type PokeTiming = {
  readonly dagId: string;
  readonly taskId: string;
  readonly pokeIntervalS: number;
  readonly timeoutS: number;
  readonly exponentialBackoff: boolean;
  /** Upper bound of the wait with backoff; undefined means none. */
  readonly maxWaitS: number | undefined;
};

/** Where a sensor stands after a poke. */
export type PokeProgress = {
  /** When it began to wait, as text: part of what is hashed. */
  readonly startedAt: string;
  readonly elapsedS: number;
  /** The pokes of this attempt, from 1; undefined makes it up from what has elapsed. */
  readonly pokesCount: number | undefined;
};

/**
 * The wait before the next poke: the interval, or with backoff a doubling one (half the interval
 * first) with a jitter that its identity decides, at most what is left until the timeout and at
 * most `maxWaitS`.
 */
export function pokeDelayS(timing: PokeTiming, progress: PokeProgress): number {
  if (!timing.exponentialBackoff) return timing.pokeIntervalS;
  const { startedAt, elapsedS } = progress;
  const count = progress.pokesCount ?? pokesWithin(timing, startedAt, elapsedS);
  const left = timing.timeoutS - Math.floor(elapsedS);
  const delay = Math.min(left, jitteredS(timing, startedAt, count));
  return Math.max(0, timing.maxWaitS === undefined ? delay : Math.min(delay, timing.maxWaitS));
}

/** The instant as Python writes it, which is what is hashed: `2026-01-01 00:00:00+00:00`. */
export function pythonTime(instant: Date): string {
  const [day = '', time = ''] = instant.toISOString().split('T');
  const [whole = '', fraction = '000Z'] = time.split('.');
  const ms = fraction.slice(0, 3);
  return `${day} ${whole}${ms === '000' ? '' : `.${ms}000`}+00:00`;
}

/** How many pokes it takes, waiting as told after each, until more time has passed than has. */
function pokesWithin(timing: PokeTiming, startedAt: string, elapsedS: number): number {
  let count = 0;
  // Every wait is at least a second and doubles, so this ends soon.
  for (let passedS = 0; passedS <= elapsedS; passedS += jitteredS(timing, startedAt, count)) {
    count += 1;
  }
  return Math.max(count, 1);
}

function jitteredS(timing: PokeTiming, startedAt: string, count: number): number {
  const least = Math.max(Math.trunc(timing.pokeIntervalS * 2 ** (count - 2)), 1);
  // Beyond this any timeout is shorter.
  const bounded = BigInt(Math.min(least, Number.MAX_SAFE_INTEGER));
  const identity = `${timing.dagId}#${timing.taskId}#${startedAt}#${count}`;
  const hash = BigInt(`0x${createHash('sha1').update(identity).digest('hex')}`);
  return Number(bounded + (hash % bounded));
}
