// What is asked of a timetable, and what it answers: runs to come.

/** What the next run depends on. All instants in epoch milliseconds. */
export type NextRunQuery = {
  /** End of the data interval of the last scheduled run; undefined before the first one. */
  readonly lastIntervalEndMs?: number | undefined;
  /** Start of that interval; of interest to continuous timetables only. */
  readonly lastIntervalStartMs?: number | undefined;
  /** The `run_after` of the last scheduled run; cron_partition goes on from it. */
  readonly lastRunAfterMs?: number | undefined;
  /** When the last run ended; a continuous timetable has no run before. */
  readonly lastRunEndMs?: number | undefined;
  /** First logical date that may run, inclusive. */
  readonly startMs?: number | undefined;
  /** Last logical date that may run, inclusive. */
  readonly endMs?: number | undefined;
  /** True: every instant since start. False: nothing older than the latest. */
  readonly catchup: boolean;
  /** The present. */
  readonly nowMs: number;
};

/** A run to come. All instants in epoch milliseconds. */
export type PlannedRun = {
  /** Names the run; always the start of its interval. Undefined for partitions. */
  readonly logicalDateMs: number | undefined;
  readonly intervalStartMs: number | undefined;
  /** Equal to the start for runs that are points in time. */
  readonly intervalEndMs: number | undefined;
  /** The run is created once this has come; it may lie in the past. */
  readonly runAfterMs: number;
  /** The part of the data it is about; for partitions only. */
  readonly partitionKey?: string;
  /** The instant its key was written from. */
  readonly partitionDateMs?: number;
};

/** A run to come that has a logical date, as all have but partitions. */
export type NextRun = PlannedRun & {
  readonly logicalDateMs: number;
  readonly intervalStartMs: number;
  readonly intervalEndMs: number;
};

/** A run that covers an interval, and runs at its end. */
export function intervalRun(startMs: number, endMs: number): NextRun {
  return {
    logicalDateMs: startMs,
    intervalStartMs: startMs,
    intervalEndMs: endMs,
    runAfterMs: endMs,
  };
}

/** A run that is a point in time. */
export function pointRun(atMs: number): NextRun {
  return intervalRun(atMs, atMs);
}

/** Whether an instant lies after a bound that may be absent. */
export function isAfter(atMs: number, endMs: number | undefined): boolean {
  return endMs !== undefined && atMs > endMs;
}

/** The later of two instants, each of which may be absent. */
export function latest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.max(a, b);
}
