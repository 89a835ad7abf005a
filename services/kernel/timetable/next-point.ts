// When a schedule of points in time strikes next.
import { isAfter, latest, type NextRunQuery } from './planned-run.ts';
import type { Rhythm } from './rhythm.ts';

/** The next point after the last one, which is undefined before the first run. */
export function nextPoint(
  rhythm: Rhythm,
  { startMs, endMs, catchup, nowMs }: NextRunQuery,
  lastMs: number | undefined,
): number | undefined {
  const following = lastMs === undefined ? [] : [rhythm.next(lastMs)];
  const candidates = [...following, ...firstPoints()];
  // Where the calendar ends nothing follows, though much may have passed before.
  if (!catchup && candidates.includes(undefined)) return undefined;
  const atMs = catchup
    ? candidates[0]
    : candidates.reduce((best, each) => latest(best, each), rhythm.alignToPrev(nowMs));
  return atMs === undefined || isAfter(atMs, endMs) ? undefined : atMs;

  function firstPoints(): readonly (number | undefined)[] {
    if (startMs !== undefined) return [rhythm.alignToNext(startMs)];
    return lastMs === undefined ? [rhythm.firstPoint(nowMs)] : [];
  }
}
