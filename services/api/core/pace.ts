// How often something is looked at that nobody announces: often at first, then ever less often.

/** Milliseconds until the next look, after so many in vain: 50, 75, … up to `longestMs`. */
export function paceMs(looksCount: number, longestMs: number): number {
  return Math.min(longestMs, FIRST_MS * GROWTH ** Math.min(looksCount, LOOKS_COUNTED_MAX));
}

const FIRST_MS = 50;
const GROWTH = 1.5;
/** Enough to reach any span in use; the power stays a number. */
const LOOKS_COUNTED_MAX = 50;
