// Runs that the timetable asks for: when the next is due, and making those that are.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { nextRun } from '#kernel/timetable/timetable.ts';
import type { Deciding } from './advance.ts';
import { putOnAgenda } from './agenda.ts';
import type { Cursor, Dag, Moment, NextRun } from './picture.ts';
import { createRun } from './runs.ts';

/** Runs made for one DAG before others get their turn. */
const RUNS_AT_ONCE_MAX = 100;

/**
 * Makes the runs of a DAG that are due and for which there is room; the next one goes on the
 * agenda.
 */
export function createDueRuns(deciding: Deciding, moment: Moment, dag: Dag): void {
  let madeCount = 0;
  skipMissed(deciding, dag, moment.nowMs);
  while (isDue(dag, moment.nowMs)) {
    if (madeCount === RUNS_AT_ONCE_MAX) {
      return putOnAgendaOnce(deciding, dag, moment.nowMs);
    }
    const next = dag.cursor.next;
    if (next === undefined) return;
    makeScheduledRun(deciding, moment, dag, next);
    madeCount += 1;
  }
  putNextOnAgenda(deciding, dag, moment.nowMs);
}

/** Works out a DAG's next run anew: it is new, its schedule changed, or it was unpaused. */
export function reschedule(deciding: Deciding, moment: Moment, dag: Dag): void {
  const next = followingRun(dag, dag.cursor.lastIntervalEndMs, moment.nowMs);
  if (!isSameRun(next, dag.cursor.next)) moveCursor(deciding, dag, { ...dag.cursor, next });
  createDueRuns(deciding, moment, dag);
}

/** Without catchup only the latest of the runs that are due is made. */
function skipMissed(deciding: Deciding, dag: Dag, nowMs: number): void {
  const { next, lastIntervalEndMs } = dag.cursor;
  if (dag.version.catchup || next === undefined || next.runAfterMs > nowMs) return;
  const following = followingRun(dag, next.intervalEndMs, nowMs);
  if (following === undefined || following.runAfterMs > nowMs) return;
  moveCursor(deciding, dag, { lastIntervalEndMs, next: following });
}

function isDue(dag: Dag, nowMs: number): boolean {
  const { next } = dag.cursor;
  const hasRoom = dag.scheduledCount < dag.version.activeRunsMax;
  return next !== undefined && next.runAfterMs <= nowMs && hasRoom && !dag.isPaused && dag.isActive;
}

function makeScheduledRun(deciding: Deciding, moment: Moment, dag: Dag, next: NextRun): void {
  const runId = `scheduled__${isoInstant(next.runAfterMs)}`;
  moveCursor(deciding, dag, {
    lastIntervalEndMs: next.intervalEndMs,
    next: followingRun(dag, next.intervalEndMs, moment.nowMs),
  });
  if (dag.runs.has(runId)) return;
  dag.scheduledCount += 1;
  createRun(deciding, moment, dag, {
    runId,
    runType: RunType.SCHEDULED,
    logicalDateMs: next.logicalDateMs,
    intervalStartMs: next.intervalStartMs,
    intervalEndMs: next.intervalEndMs,
    runAfterMs: next.runAfterMs,
    confJson: defaultConf(dag),
    triggeredBy: 'timetable',
  });
}

function followingRun(dag: Dag, lastIntervalEndMs: number | undefined, nowMs: number) {
  const { timetable, startMs, endMs, catchup } = dag.version;
  if (timetable === undefined) return undefined;
  return nextRun(timetable, { lastIntervalEndMs, startMs, endMs, catchup, nowMs });
}

function moveCursor({ changes }: Deciding, dag: Dag, cursor: Cursor): void {
  dag.cursor = cursor;
  changes.cursors.add(dag);
}

/** A run that is due but has no room is made when one of the DAG's runs ends. */
function putNextOnAgenda(deciding: Deciding, dag: Dag, nowMs: number): void {
  const { next } = dag.cursor;
  if (next === undefined || next.runAfterMs <= nowMs) return;
  putOnAgendaOnce(deciding, dag, next.runAfterMs);
}

/** Every run that ends asks for the same instant again: it stands on the agenda once. */
function putOnAgendaOnce({ picture }: Deciding, dag: Dag, dueMs: number): void {
  if (dag.onAgendaMs === dueMs) return;
  dag.onAgendaMs = dueMs;
  putOnAgenda(picture.agenda, dueMs, { kind: 'schedule', dag });
}

function isSameRun(a: NextRun | undefined, b: NextRun | undefined): boolean {
  return a?.runAfterMs === b?.runAfterMs && a?.logicalDateMs === b?.logicalDateMs;
}

/** The defaults of the DAG's params; those without one are absent from scheduled runs. */
function defaultConf(dag: Dag): string {
  const pairs = dag.version.params
    .filter((param) => param.defaultJson !== '')
    .map((param) => `${JSON.stringify(param.name)}:${param.defaultJson}`);
  return `{${pairs.join(',')}}`;
}

/**
 * As Airflow spells instants in run ids: `2026-01-01T00:00:00+00:00`, with milliseconds only when
 * there are any.
 */
export function isoInstant(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', '+00:00').replace('Z', '+00:00');
}
