// Writes the rows of a commit: one statement per table and kind of write, none for what did not
// change.
import type { CommitRows } from '../core/commit-rows.ts';
import { plainArray, textArray } from './array.ts';
import {
  auditColumns,
  changedRunColumns,
  changedTaskInstanceColumns,
  cursorColumns,
  endedAttemptColumns,
  heldTaskInstanceColumns,
  newAttemptColumns,
  newTaskInstanceColumns,
  receiptColumns,
  xcomColumns,
} from './columns.ts';
import type { Transaction } from './database.ts';
import { type Statement, ledgerStatement as sql } from './statement.ts';

const UPDATE_RUNS = sql('update_dag_runs');
const INSERT_TASK_INSTANCES = sql('insert_task_instances');
const UPDATE_TASK_INSTANCES = sql('update_task_instances');
const HOLD_TASK_INSTANCES = sql('hold_task_instances');
const END_ATTEMPTS = sql('end_task_attempts');
const INSERT_ATTEMPTS = sql('insert_task_attempts');
const PUT_XCOMS = sql('put_xcoms');
const PUT_SCHEDULES = sql('put_schedules');
const PAUSE_DAGS = sql('pause_dags');
const INSERT_RECEIPTS = sql('insert_receipts');
const INSERT_AUDIT_ENTRIES = sql('insert_audit_entries');

/**
 * Sends all statements at once; the answers say when they ran. Attempts end before new ones begin,
 * so that a task instance may be tried again in the commit that ends its last try.
 */
export function writeRows(transaction: Transaction, rows: CommitRows): readonly Promise<unknown>[] {
  const sent: Promise<unknown>[] = [];
  const write = <T>(statement: Statement<never>, of: readonly T[], columns: Columns<T>) => {
    if (of.length > 0) sent.push(transaction.run(statement, columns(of)));
  };
  write(UPDATE_RUNS, rows.changedRuns, changedRunColumns);
  write(INSERT_TASK_INSTANCES, rows.newTaskInstances, newTaskInstanceColumns);
  write(UPDATE_TASK_INSTANCES, rows.changedTaskInstances, changedTaskInstanceColumns);
  write(HOLD_TASK_INSTANCES, rows.heldTaskInstances, heldTaskInstanceColumns);
  write(END_ATTEMPTS, rows.endedAttempts, endedAttemptColumns);
  write(INSERT_ATTEMPTS, rows.newAttempts, newAttemptColumns);
  write(PUT_XCOMS, rows.xcoms, xcomColumns);
  write(PUT_SCHEDULES, rows.cursors, cursorColumns);
  write(PAUSE_DAGS, rows.pauses, (pauses) => [
    textArray(pauses.map((pause) => pause.dagId)),
    plainArray(pauses.map((pause) => pause.isPaused)),
  ]);
  write(INSERT_RECEIPTS, rows.receipts, receiptColumns);
  write(INSERT_AUDIT_ENTRIES, rows.auditEntries, auditColumns);
  return sent;
}

type Columns<T> = (rows: readonly T[]) => string[];
