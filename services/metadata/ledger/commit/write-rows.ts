// Writes the rows of a commit: one statement per table and kind of write, none for what did not
// change.
import type { CommitRows } from '../../core/commit-rows.ts';
import { plainArray, textArray } from '../database/array.ts';
import { assetEventColumns, INSERT_ASSET_EVENTS } from '../asset/asset-events.ts';
import { backfillColumns, backfillDateColumns } from '../backfill/backfills.ts';
import { auditColumns, changedRunColumns, cursorColumns, receiptColumns } from './run-columns.ts';
import {
  changedTaskInstanceColumns,
  endedAttemptColumns,
  heldTaskInstanceColumns,
  newAttemptColumns,
  newTaskInstanceColumns,
  xcomColumns,
} from './task-columns.ts';
import type { Transaction } from '../database/database.ts';
import { takenDeliveryColumns } from '../asset/deliveries.ts';
import { deadlineColumns, keyPauseColumns, slaMissColumns } from '../promise/promises.ts';
import { type Statement, ledgerStatement as sql } from '../database/statement.ts';

const UPDATE_RUNS = sql('commit/update_dag_runs');
const INSERT_TASK_INSTANCES = sql('commit/insert_task_instances');
const UPDATE_TASK_INSTANCES = sql('commit/update_task_instances');
const HOLD_TASK_INSTANCES = sql('commit/hold_task_instances');
const END_ATTEMPTS = sql('commit/end_task_attempts');
const INSERT_ATTEMPTS = sql('commit/insert_task_attempts');
const PUT_XCOMS = sql('commit/put_xcoms');
const PUT_SCHEDULES = sql('commit/put_schedules');
const PAUSE_DAGS = sql('commit/pause_dags');
const INSERT_RECEIPTS = sql('commit/insert_receipts');
const INSERT_AUDIT_ENTRIES = sql('commit/insert_audit_entries');
const TAKE_DELIVERIES = sql('asset/take_deliveries');
const PUT_BACKFILLS = sql('backfill/put_backfills');
const PUT_BACKFILL_DATES = sql('backfill/put_backfill_dates');
const PUT_DEADLINES = sql('promise/put_deadlines');
const DELETE_DEADLINES = sql('promise/delete_deadlines');
const PUT_SLA_MISSES = sql('promise/put_sla_misses');
const PUT_KEY_PAUSES = sql('promise/put_key_pauses');
const DELETE_KEY_PAUSES = sql('promise/delete_key_pauses');
const CARRY_XCOMS = sql('commit/carry_xcoms');

/**
 * Sends all statements at once; the answers say when they ran. Attempts end before new ones begin,
 * so that a task instance may be tried again in the commit that ends its last try; what
 * an attempt is given from before its wait never replaces what it pushed itself.
 */
export function writeRows(transaction: Transaction, rows: CommitRows): readonly Promise<unknown>[] {
  const sent: Promise<unknown>[] = [];
  const write: Write = (statement, of, columns) => {
    if (of.length > 0) sent.push(transaction.run(statement, columns(of)));
  };
  write(UPDATE_RUNS, rows.changedRuns, changedRunColumns);
  write(INSERT_TASK_INSTANCES, rows.newTaskInstances, newTaskInstanceColumns);
  write(UPDATE_TASK_INSTANCES, rows.changedTaskInstances, changedTaskInstanceColumns);
  write(HOLD_TASK_INSTANCES, rows.heldTaskInstances, heldTaskInstanceColumns);
  write(END_ATTEMPTS, rows.endedAttempts, endedAttemptColumns);
  write(INSERT_ATTEMPTS, rows.newAttempts, newAttemptColumns);
  write(CARRY_XCOMS, rows.carriedXComs, (carries) => [
    textArray(carries.map((carry) => carry.fromAttemptId)),
    textArray(carries.map((carry) => carry.toAttemptId)),
  ]);
  write(PUT_XCOMS, rows.xcoms, xcomColumns);
  write(PUT_SCHEDULES, rows.cursors, cursorColumns);
  write(PAUSE_DAGS, rows.pauses, (pauses) => [
    textArray(pauses.map((pause) => pause.dagId)),
    plainArray(pauses.map((pause) => pause.isPaused)),
  ]);
  write(INSERT_RECEIPTS, rows.receipts, receiptColumns);
  write(INSERT_AUDIT_ENTRIES, rows.auditEntries, auditColumns);
  write(INSERT_ASSET_EVENTS, rows.assetEvents, assetEventColumns);
  write(TAKE_DELIVERIES, rows.takenDeliveries, takenDeliveryColumns);
  write(PUT_BACKFILLS, rows.backfills, backfillColumns);
  write(PUT_BACKFILL_DATES, rows.backfillDates, backfillDateColumns);
  writePromises(write, rows);
  return sent;
}

type Write = <T>(
  statement: Statement<never>,
  of: readonly T[],
  columns: (rows: readonly T[]) => string[],
) => void;

function writePromises(write: Write, { deadlines, slaMisses, keyPauses }: CommitRows): void {
  const gone = deadlines.filter((deadline) => deadline.isGone);
  const due = deadlines.filter((deadline) => !deadline.isGone);
  write(PUT_DEADLINES, due, deadlineColumns);
  write(DELETE_DEADLINES, gone, (rows) => [textArray(rows.map((row) => row.deadlineId))]);
  write(PUT_SLA_MISSES, slaMisses, slaMissColumns);
  const paused = keyPauses.filter((pause) => pause.until !== undefined);
  const over = keyPauses.filter((pause) => pause.until === undefined);
  write(PUT_KEY_PAUSES, paused, keyPauseColumns);
  write(DELETE_KEY_PAUSES, over, (rows) => [
    textArray(rows.map((row) => row.dagId)),
    textArray(rows.map((row) => row.key)),
  ]);
}
