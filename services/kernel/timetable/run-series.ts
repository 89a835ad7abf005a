// Series of runs to come: what a person is shown, and what a backfill covers.
import { type CompiledTimetable, isPeriodic } from './compiled-timetable.ts';
import { followingPartitionRun } from './cron-partition.ts';
import { planRun } from './next-run.ts';
import type { NextRunQuery, PlannedRun } from './planned-run.ts';

/** Runs that are shown at once, at most. */
const PREVIEW_MAX = 1_000;

/** Runs that a backfill may have. */
export const RUNS_BETWEEN_MAX = 100_000;

/** What a preview depends on: where the DAG stands, and how many runs are wanted. */
export type PreviewQuery = NextRunQuery & { readonly count: number };

/** A range of logical dates (of `run_after` where runs have none), both ends inclusive. */
export type RunsBetweenQuery = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
};

/**
 * The next runs, as they come if each is created when it is due; at most 1,000. Of a continuous
 * timetable only the first is known.
 */
export function previewRuns(timetable: CompiledTimetable, query: PreviewQuery): PlannedRun[] {
  const wanted = Math.min(query.count, timetable.kind === 'continuous' ? 1 : PREVIEW_MAX);
  const runs: PlannedRun[] = [];
  let run = wanted > 0 ? planRun(timetable, query) : undefined;
  while (run !== undefined) {
    runs.push(run);
    run = runs.length < wanted ? following(timetable, query, run) : undefined;
  }
  return runs;
}

/**
 * The runs of a range whose interval has ended before now; a partition needs no end. Empty for
 * timetables that are not periodic. Throws an Error with a sentence when there are more than
 * 100,000.
 */
export function runsBetween(timetable: CompiledTimetable, query: RunsBetweenQuery): PlannedRun[] {
  if (!isPeriodic(timetable)) return [];
  const lookBackMs = lookBackOf(timetable);
  const { fromMs, toMs, nowMs } = query;
  const bounds: NextRunQuery = {
    startMs: fromMs + lookBackMs,
    endMs: toMs + lookBackMs,
    catchup: true,
    nowMs,
  };
  const runs: PlannedRun[] = [];
  let run = planRun(timetable, bounds);
  while (run !== undefined && (run.intervalEndMs === undefined || run.intervalEndMs < nowMs)) {
    if (runs.length === RUNS_BETWEEN_MAX) {
      throw new Error(
        `there are more than ${RUNS_BETWEEN_MAX} runs between ${instant(fromMs)} and ${instant(toMs)}; choose a shorter range`,
      );
    }
    runs.push(run);
    run = following(timetable, bounds, run);
  }
  return runs;
}

function following(
  timetable: CompiledTimetable,
  query: NextRunQuery,
  run: PlannedRun,
): PlannedRun | undefined {
  const { partitionDateMs } = run;
  if (timetable.kind === 'cron_partition' && partitionDateMs !== undefined) {
    const next = followingPartitionRun(timetable, { ...run, partitionDateMs });
    const isPastEnd = query.endMs !== undefined && (next?.runAfterMs ?? 0) > query.endMs;
    return isPastEnd ? undefined : next;
  }
  return planRun(timetable, {
    ...query,
    lastIntervalStartMs: run.intervalStartMs,
    lastIntervalEndMs: run.intervalEndMs,
    lastRunAfterMs: run.runAfterMs,
    nowMs: Math.max(query.nowMs, run.runAfterMs),
  });
}

/** Logical dates are so much earlier than the ticks that start and end are compared with. */
function lookBackOf(timetable: CompiledTimetable): number {
  switch (timetable.kind) {
    case 'cron':
    case 'delta':
      return timetable.lookBackMs;
    case 'multiple_cron':
      return timetable.members[0].lookBackMs;
    case 'asset_or_time':
      return lookBackOf(timetable.time);
    default:
      return 0;
  }
}

function instant(atMs: number): string {
  return new Date(atMs).toISOString();
}
