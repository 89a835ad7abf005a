// When a schedule of points in time strikes next.
import { isAfter, latest, type NextRunQuery } from './planned-run.ts';
import type { Rhythm } from './rhythm.ts';

/** The next point after the last one, which is undefined before the first run. */
export function nextPoint(
  rhythm: Rhythm,
  { startMs, endMs, catchup, nowMs }: NextRunQuery,
  lastMs: number | undefined,
): number | undefined {
  const followingMs = lastMs === undefined ? undefined : rhythm.next(lastMs);
  const startingMs = startMs === undefined ? undefined : rhythm.alignToNext(startMs);
  const firstMs =
    lastMs === undefined && startMs === undefined ? rhythm.firstPoint(nowMs) : startingMs;
  const skippingMs = () => latest(rhythm.alignToPrev(nowMs), latest(followingMs, firstMs));
  const catchingUpMs = lastMs === undefined ? firstMs : followingMs;
  const atMs = catchup ? catchingUpMs : skippingMs();
  return atMs === undefined || isAfter(atMs, endMs) ? undefined : atMs;
}
