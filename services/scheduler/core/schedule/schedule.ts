// Runs that the schedule asks for: when the next is due, and making those that are.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Cursor, Dag, NextRun } from '../dag.ts';
import type { Deciding } from '../deciding.ts';
import type { Moment } from '../picture.ts';
import { putOnAgenda } from '../agenda.ts';
import { createAssetRuns } from '../asset/asset-runs.ts';
import { dropUnawaited } from '../asset/deliveries.ts';
import { coveredUntil, isSameRun, planNext, upcomingRun } from './cursor.ts';
import { defaultConf } from '../graph/default-conf.ts';
import { makeRunId } from '../run/run-ids.ts';
import { createRun } from '../run/runs.ts';

/** Runs made for one DAG before others get their turn. */
const RUNS_AT_ONCE_MAX = 100;

/**
 * Makes the runs of a DAG that are due and for which there is room, by time and by updates of
 * assets; the next one goes on the agenda.
 */
export function createDueRuns(deciding: Deciding, moment: Moment, dag: Dag): void {
  let madeCount = 0;
  createAssetRuns(deciding, moment, dag);
  followContinuous(deciding, dag, moment.nowMs);
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

/**
 * Works out a DAG's next run anew: it is new, its schedule changed, or it was unpaused. Updates of
 * assets that the schedule does not name any more are dropped.
 */
export function reschedule(deciding: Deciding, moment: Moment, dag: Dag): void {
  dropUnawaited(deciding, dag);
  const next = planNext(dag, dag.cursor.lastIntervalEndMs, moment.nowMs);
  if (!isSameRun(next, dag.cursor.next)) moveCursor(deciding, dag, { ...dag.cursor, next });
  createDueRuns(deciding, moment, dag);
}

/** The run of a continuous schedule is planned when the one before has ended. */
function followContinuous(deciding: Deciding, dag: Dag, nowMs: number): void {
  const { next, lastIntervalEndMs } = dag.cursor;
  if (next !== undefined || dag.version.timetable?.kind !== 'continuous') return;
  const following = planNext(dag, lastIntervalEndMs, nowMs);
  if (following !== undefined) moveCursor(deciding, dag, { lastIntervalEndMs, next: following });
}

/** Without catchup only the latest of the runs that are due is made. */
function skipMissed(deciding: Deciding, dag: Dag, nowMs: number): void {
  const next = upcomingRun(dag, nowMs);
  if (next !== dag.cursor.next) moveCursor(deciding, dag, { ...dag.cursor, next });
}

function isDue(dag: Dag, nowMs: number): boolean {
  const { next } = dag.cursor;
  const hasRoom = dag.scheduledCount < dag.version.activeRunsMax;
  return next !== undefined && next.runAfterMs <= nowMs && hasRoom && !dag.isPaused && dag.isActive;
}

function makeScheduledRun(deciding: Deciding, moment: Moment, dag: Dag, next: NextRun): void {
  const { logicalDateMs, intervalStartMs, intervalEndMs, runAfterMs, partitionKey = '' } = next;
  const runType = RunType.SCHEDULED;
  const runId = makeRunId({ ...next, runType }, moment.newId);
  const isNew = !dag.runs.has(runId);
  if (isNew) dag.scheduledCount += 1;
  const lastIntervalEndMs = coveredUntil(dag, next);
  const following = planNext(dag, lastIntervalEndMs, moment.nowMs);
  moveCursor(deciding, dag, { lastIntervalEndMs, next: following });
  if (!isNew) return;
  createRun(deciding, moment, dag, {
    ...{ logicalDateMs, intervalStartMs, intervalEndMs, runAfterMs },
    runId,
    runType,
    partitionKey,
    confJson: defaultConf(dag),
    triggeredBy: 'timetable',
  });
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
