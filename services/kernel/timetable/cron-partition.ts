// Runs that stand for partitions: due at a cron tick, about the partition of another.
import type { CompiledCronPartition } from './compiled-timetable.ts';
import { nextTick, prevTick } from './cron-ticks.ts';
import { nextPoint } from './next-point.ts';
import type { NextRunQuery, PlannedRun } from './planned-run.ts';
import { cronRhythm } from './rhythm.ts';

/** The next run, by the rules of points in time, but after the last run's `run_after`. */
export function nextPartitionRun(
  partition: CompiledCronPartition,
  query: NextRunQuery,
): PlannedRun | undefined {
  const runAfterMs = nextPoint(cronRhythm(partition.ticks), query, query.lastRunAfterMs);
  if (runAfterMs === undefined) return undefined;
  const partitionDateMs = shifted(partition, runAfterMs);
  return partitionDateMs === undefined
    ? undefined
    : partitionRun(partition, runAfterMs, partitionDateMs);
}

/** The run after another, at a cost that does not grow with `run_offset`. */
export function followingPartitionRun(
  partition: CompiledCronPartition,
  run: PlannedRun & { readonly partitionDateMs: number },
): PlannedRun | undefined {
  const runAfterMs = nextTick(partition.ticks, run.runAfterMs);
  const partitionDateMs = nextTick(partition.ticks, run.partitionDateMs);
  return runAfterMs === undefined || partitionDateMs === undefined
    ? undefined
    : partitionRun(partition, runAfterMs, partitionDateMs);
}

/** Keys are written by the clock of the timetable's zone. */
function partitionRun(
  { ticks, writeKey }: CompiledCronPartition,
  runAfterMs: number,
  partitionDateMs: number,
): PlannedRun {
  const { offsetMs } = ticks.zone.segmentAt(partitionDateMs);
  return {
    logicalDateMs: undefined,
    intervalStartMs: undefined,
    intervalEndMs: undefined,
    runAfterMs,
    partitionDateMs,
    partitionKey: writeKey({ wallMs: partitionDateMs + offsetMs, offsetMs }),
  };
}

function shifted({ ticks, runOffset }: CompiledCronPartition, tickMs: number): number | undefined {
  const step = runOffset > 0 ? nextTick : prevTick;
  let atMs: number | undefined = tickMs;
  for (let count = Math.abs(runOffset); count > 0 && atMs !== undefined; count--) {
    atMs = step(ticks, atMs);
  }
  return atMs;
}
