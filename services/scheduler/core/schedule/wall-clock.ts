// The time of day that schedules go by: a wall clock that was set far ahead is not believed at
// once.

/** A wall clock as it stands against a clock that never jumps. Changed in place by each reading. */
export type WallClock = {
  /** Wall clock less monotonic clock, as believed. */
  offsetMs: number;
  /** The offset after a jump that nobody has confirmed yet. */
  suspectMs: number | undefined;
};

/** Both clocks, read together, in milliseconds. */
export type ClockReading = { readonly wallMs: number; readonly monotonicMs: number };

/** A wall clock that moves further ahead than this at once was probably set by mistake. */
const JUMP_MAX_MS = 300_000;

/** Believes the first reading. */
export function createWallClock({ wallMs, monotonicMs }: ClockReading): WallClock {
  return { offsetMs: wallMs - monotonicMs, suspectMs: undefined };
}

/** The time that is believed, epoch milliseconds: after a jump ahead the one before, going on. */
export function believedMs(clock: WallClock, reading: ClockReading): number {
  const offsetMs = reading.wallMs - reading.monotonicMs;
  // Back, or a little ahead, is believed: what is done stays done, so nothing happens twice.
  if (offsetMs - clock.offsetMs <= JUMP_MAX_MS) {
    clock.offsetMs = offsetMs;
    clock.suspectMs = undefined;
  }
  return reading.monotonicMs + clock.offsetMs;
}

/** Looks again, in intervals: answers a new jump in milliseconds; one seen before is believed. */
export function confirmJump(clock: WallClock, reading: ClockReading): number | undefined {
  const offsetMs = reading.wallMs - reading.monotonicMs;
  const jumpMs = offsetMs - clock.offsetMs;
  if (jumpMs <= JUMP_MAX_MS) return undefined;
  if (clock.suspectMs !== undefined && Math.abs(offsetMs - clock.suspectMs) <= JUMP_MAX_MS) {
    clock.offsetMs = offsetMs;
    clock.suspectMs = undefined;
    return undefined;
  }
  clock.suspectMs = offsetMs;
  return jumpMs;
}
