// How long a backfill still takes, judged by its runs so far.

/** Runs at once when a backfill does not say. */
const ACTIVE_RUNS_DEFAULT = 10;

/**
 * The runs that are left, in rounds of as many as may run at once, each round as long as a run took
 * on average; undefined while no run has ended. Runs under way count as whole ones, so that it
 * rather is too long.
 */
export function remainingMs({
  leftCount,
  activeRunsMax,
  meanMs,
}: {
  readonly leftCount: number;
  /** 0 means 10. */
  readonly activeRunsMax: number;
  readonly meanMs: number | undefined;
}): number | undefined {
  if (meanMs === undefined) return undefined;
  return Math.ceil(leftCount / (activeRunsMax || ACTIVE_RUNS_DEFAULT)) * meanMs;
}
