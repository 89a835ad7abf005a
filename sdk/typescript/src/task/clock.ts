// How time passes for a body: by the real clock, unless its context has brought another one.
import { monotonicMs, nowMs, sleep } from '../worker/clock.ts';

/** A clock that bodies of the SDK live by. */
export type BodyClock = {
  /** Epoch milliseconds. */
  nowMs(): number;
  /** Only differences mean something. */
  monotonicMs(): number;
  /** Resolves after a while, at once when aborted. */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
};

/** What a clock stands under in a context; copies of the context have it too. */
const CLOCK = Symbol('clock');

const REAL_CLOCK: BodyClock = { nowMs, monotonicMs, sleep };

/** The context with a clock that its body lives by. */
export function withClock<Context extends object>(context: Context, clock: BodyClock): Context {
  return { ...context, [CLOCK]: clock };
}

/** The clock that came with a context; undefined where the real one counts. */
export function broughtClock(context: object): BodyClock | undefined {
  return (context as { readonly [CLOCK]?: BodyClock })[CLOCK];
}

/** The clock that a body lives by. */
export function clockOf(context: object): BodyClock {
  return broughtClock(context) ?? REAL_CLOCK;
}
