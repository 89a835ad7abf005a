// Rank: who is served first. Priority counts, and waiting counts like priority.
//
// One unit of priority is worth a fixed span of waiting. All who wait gain alike, so who is ahead
// of whom never changes while they wait: instead of adding to everybody what they have waited so
// far, the instant at which each began to wait is taken off once. Heaps stay valid untouched.
//
// That is why nobody starves: whoever comes a span later needs one unit of priority more to be
// ahead. Weights are 32-bit numbers, so from some moment on nobody new can be ahead of one who
// waits, and those who are ahead of it by then are finitely many.
import type { Instance } from '../instance.ts';
import type { PictureTiming } from '../picture.ts';

/** What is worth one unit of priority when nothing else was configured: an hour. */
const PRIORITY_AGE_MS = 3_600_000;

/** The priority of one that waits since an instant, comparable with that of others. */
export function urgencyOf(timing: PictureTiming, priority: number, sinceMs: number): number {
  return priority - Math.floor(sinceMs / (timing.priorityAgeMs ?? PRIORITY_AGE_MS));
}

/** True when `a` runs before `b`: more urgent, then earlier run_after, then known earlier. */
export function outranks(a: Instance, b: Instance): boolean {
  if (a.urgency !== b.urgency) return a.urgency > b.urgency;
  if (a.run.runAfterMs !== b.run.runAfterMs) return a.run.runAfterMs < b.run.runAfterMs;
  return a.seq < b.seq;
}
