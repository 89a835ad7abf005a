// When the next run of a DAG is due: Airflow's rules for its timetables, as pure functions.
import type { CompiledCron, CompiledEvents, CompiledTimetable } from './compiled-timetable.ts';
import { nextPartitionRun } from './cron-partition.ts';
import {
  intervalRun,
  isAfter,
  latest,
  type NextRun,
  type NextRunQuery,
  type PlannedRun,
  pointRun,
} from './planned-run.ts';
import { nextPoint } from './next-point.ts';
import { cronRhythm, type Rhythm, stepRhythm } from './rhythm.ts';
import { nextWorkdayRun } from './workday.ts';

/**
 * The next run, or undefined when there is none (any more), or none that time alone brings about.
 * It may be due already. Keep the answer until the run was created: asked again later, a timetable
 * without catchup answers with what is then the latest.
 */
export function planRun(timetable: CompiledTimetable, query: NextRunQuery): PlannedRun | undefined {
  switch (timetable.kind) {
    case 'cron':
      return timetable.dataInterval
        ? nextInterval(cronRhythm(timetable.ticks), query)
        : nextCronPoint(timetable, query);
    case 'delta': {
      const rhythm = stepRhythm(timetable.step);
      if (timetable.dataInterval) return nextInterval(rhythm, query);
      return lookingBack(nextPoint(rhythm, query, query.lastIntervalEndMs), timetable.lookBackMs);
    }
    case 'once':
      return onlyRun(query);
    case 'continuous':
      return continuousRun(query);
    case 'multiple_cron':
      return nextOfMembers(timetable.members, query);
    case 'events':
      return nextEvent(timetable, query);
    case 'workday':
      return nextWorkdayRun(timetable, query);
    case 'asset_or_time':
      return planRun(timetable.time, query);
    case 'cron_partition':
      return nextPartitionRun(timetable, query);
    case 'asset':
    case 'partitioned_asset':
      return undefined;
  }
}

/** Runs that cover the interval between two instants, and run at its end. */
function nextInterval(rhythm: Rhythm, query: NextRunQuery): NextRun | undefined {
  const { lastIntervalEndMs, endMs } = query;
  const firstMs = query.startMs === undefined ? undefined : rhythm.alignToNext(query.startMs);
  if (query.startMs !== undefined && firstMs === undefined) return undefined;
  const earliestMs = query.catchup ? firstMs : latest(rhythm.latestStart(query.nowMs), firstMs);
  const startMs =
    lastIntervalEndMs === undefined
      ? earliestMs
      : latest(rhythm.alignToPrev(lastIntervalEndMs), earliestMs);
  if (startMs === undefined || isAfter(startMs, endMs)) return undefined;
  const intervalEndMs = rhythm.next(startMs);
  return intervalEndMs === undefined ? undefined : intervalRun(startMs, intervalEndMs);
}

function nextCronPoint(cron: CompiledCron, query: NextRunQuery): NextRun | undefined {
  const rhythm = cronRhythm(cron.ticks, cron.lateMaxMs);
  return lookingBack(nextPoint(rhythm, query, query.lastIntervalEndMs), cron.lookBackMs);
}

/** The run of a point in time whose interval ends there. */
function lookingBack(atMs: number | undefined, lookBackMs: number): NextRun | undefined {
  return atMs === undefined ? undefined : intervalRun(atMs - lookBackMs, atMs);
}

/**
 * Of the members' next runs: with catchup the earliest, else the latest that is due, else the
 * earliest. Due is what has a run_after in the past: to go by the logical date, as Airflow does,
 * would pass over the runs of a member whenever they look back further than to another's tick.
 */
function nextOfMembers(members: readonly CompiledCron[], query: NextRunQuery): NextRun | undefined {
  const runs = members
    .map((member) => nextCronPoint(member, query))
    .filter((run) => run !== undefined)
    .sort((a, b) => a.runAfterMs - b.runAfterMs);
  const due = query.catchup ? undefined : runs.findLast((run) => run.runAfterMs <= query.nowMs);
  return due ?? runs[0];
}

/** The first event that is not before the start, and after the last run. */
function nextEvent({ instantsMs }: CompiledEvents, query: NextRunQuery): NextRun | undefined {
  const { lastIntervalEndMs = -Infinity, startMs, endMs, catchup, nowMs } = query;
  const earliestMs = (catchup ? startMs : latest(startMs, nowMs)) ?? -Infinity;
  const atMs = instantsMs.find((each) => each >= earliestMs && each > lastIntervalEndMs);
  return atMs === undefined || isAfter(atMs, endMs) ? undefined : pointRun(atMs);
}

function onlyRun({ lastIntervalEndMs, startMs, endMs, nowMs }: NextRunQuery): NextRun | undefined {
  const atMs = startMs ?? nowMs;
  return lastIntervalEndMs !== undefined || isAfter(atMs, endMs) ? undefined : pointRun(atMs);
}

/** Each run covers the time since the one before; without a start date the first begins now. */
function continuousRun(query: NextRunQuery): NextRun | undefined {
  const { lastIntervalStartMs, lastIntervalEndMs, lastRunEndMs, endMs } = query;
  const nowMs = Math.max(query.nowMs, lastRunEndMs ?? -Infinity);
  const startMs = query.startMs ?? nowMs;
  if (lastIntervalEndMs === undefined) {
    const firstEndMs = Math.max(startMs, nowMs);
    return isAfter(firstEndMs, endMs) ? undefined : intervalRun(startMs, firstEndMs);
  }
  if (lastIntervalEndMs > nowMs) {
    const againEndMs = startMs + lastIntervalEndMs - (lastIntervalStartMs ?? lastIntervalEndMs);
    return isAfter(againEndMs, endMs) ? undefined : intervalRun(startMs, againEndMs);
  }
  return isAfter(nowMs, endMs) ? undefined : intervalRun(lastIntervalEndMs, nowMs);
}
