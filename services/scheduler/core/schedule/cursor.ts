// Where a DAG's schedule stands: what its timetable asks for next, and how the ledger keeps that.
import type { ScheduleCursor } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { type CompiledTimetable, planRun } from '#kernel/timetable/timetable.ts';
import { allowsRunType } from '../graph/dag-version.ts';
import type { Cursor, Dag, NextRun } from '../dag.ts';

/** Between the beginnings of two runs of `@continuous`, at least: some of them end at once. */
const CONTINUOUS_REST_MS = 100;

/**
 * The run that the timetable asks for after one whose data ended at `lastEndMs` (undefined before
 * the first). It may be due already. A continuous one asks for none while its last run is live.
 */
export function planNext(
  dag: Dag,
  lastEndMs: number | undefined,
  nowMs: number,
): NextRun | undefined {
  const { version } = dag;
  const { timetable, startMs, endMs, catchup } = version;
  if (timetable === undefined || !allowsRunType(version, RunType.SCHEDULED)) return undefined;
  const last = { lastIntervalEndMs: lastEndMs, lastRunAfterMs: lastEndMs };
  const query = { ...last, startMs, endMs, catchup, nowMs };
  if (timetable.kind !== 'continuous') return planRun(timetable, query);
  if (dag.scheduledCount > 0) return undefined;
  const restedMs = lastEndMs === undefined ? nowMs : lastEndMs + CONTINUOUS_REST_MS;
  return planRun(timetable, { ...query, nowMs: Math.max(nowMs, restedMs) });
}

/**
 * The run that is made next; undefined when none is planned. Without catchup that is the latest of
 * the runs that are due, and those before it are passed over.
 */
export function upcomingRun(dag: Dag, nowMs: number): NextRun | undefined {
  const { next } = dag.cursor;
  const { catchup, timetable } = dag.version;
  if (catchup || next === undefined || next.runAfterMs > nowMs) return next;
  if (timetable?.kind === 'continuous') return next;
  const following = planNext(dag, coveredUntil(dag, next), nowMs);
  return following === undefined || following.runAfterMs > nowMs ? next : following;
}

/**
 * What the timetable goes on from after a run. Data without length ends a moment later, or the next
 * continuous run would have the same logical date.
 */
export function coveredUntil(dag: Dag, run: NextRun): number {
  const { intervalStartMs, intervalEndMs, runAfterMs } = run;
  const endMs = intervalEndMs ?? runAfterMs;
  const isEmpty = dag.version.timetable?.kind === 'continuous' && intervalStartMs === endMs;
  return isEmpty ? endMs + 1 : endMs;
}

/** True when both are absent or the same run. */
export function isSameRun(a: NextRun | undefined, b: NextRun | undefined): boolean {
  return (
    a?.runAfterMs === b?.runAfterMs &&
    a?.logicalDateMs === b?.logicalDateMs &&
    a?.partitionKey === b?.partitionKey
  );
}

/** A cursor as the ledger has it; the key of a partition is worked out again. */
export function readCursor(
  row: ScheduleCursor | undefined,
  timetable: CompiledTimetable | undefined,
): Cursor {
  const runAfterMs = fromTimestamp(row?.nextRunAfter);
  const lastIntervalEndMs = fromTimestamp(row?.lastIntervalEnd);
  if (runAfterMs === undefined) return { next: undefined, lastIntervalEndMs };
  return {
    next: {
      runAfterMs,
      logicalDateMs: fromTimestamp(row?.nextLogicalDate),
      intervalStartMs: fromTimestamp(row?.nextIntervalStart),
      intervalEndMs: fromTimestamp(row?.nextIntervalEnd),
      partitionKey: partitionKeyAt(timetable, runAfterMs),
    },
    lastIntervalEndMs,
  };
}

function partitionKeyAt(
  timetable: CompiledTimetable | undefined,
  runAfterMs: number,
): string | undefined {
  if (timetable?.kind !== 'cron_partition') return undefined;
  const query = { startMs: runAfterMs, catchup: true, nowMs: runAfterMs };
  return planRun(timetable, query)?.partitionKey;
}
