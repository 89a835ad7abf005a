// Runs, schedules, receipts and audit entries of a commit as columns, in the order in which the
// statements name them.
import { type DagRun, RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type {
  AuditEntry,
  CommandReceipt,
  ScheduleCursor,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { orAbsent, plainArray, rareArray, textArray, timeArray } from '../database/array.ts';
import { dagRunStates, runTypes } from '../record/names.ts';

/** For insert_dag_runs. */
export function newRunColumns(runs: readonly DagRun[]): string[] {
  return [
    textArray(runs.map((run) => run.id)),
    textArray(runs.map((run) => run.dagId)),
    plainArray(runs.map((run) => partitionOf(run.dagId))),
    textArray(runs.map((run) => run.runId)),
    textArray(runs.map((run) => runTypes.nameOf(run.runType))),
    textArray(runs.map((run) => dagRunStates.nameOf(run.state))),
    timeArray(runs.map((run) => run.logicalDate)),
    timeArray(runs.map((run) => run.dataIntervalStart)),
    timeArray(runs.map((run) => run.dataIntervalEnd)),
    timeArray(runs.map((run) => run.runAfter)),
    timeArray(runs.map((run) => run.queuedAt)),
    timeArray(runs.map((run) => run.startDate)),
    timeArray(runs.map((run) => run.endDate)),
    plainArray(runs.map((run) => run.dagVersionId)),
    plainArray(runs.map((run) => run.clearNumber)),
    textArray(runs.map((run) => run.triggeredBy)),
    textArray(runs.map((run) => run.stateReason)),
    textArray(runs.map((run) => run.confJson)),
    rareArray(
      textArray,
      runs.map((run) => orAbsent(run.note)),
    ),
    rareArray(
      textArray,
      runs.map((run) => orAbsent(run.partitionKey)),
    ),
    ...backfillColumns(runs),
    rareArray(
      textArray,
      runs.map((run) => orAbsent(run.callbackOfRunId)),
    ),
  ];
}

/** For update_dag_runs. */
export function changedRunColumns(runs: readonly DagRun[]): string[] {
  return [
    textArray(runs.map((run) => run.id)),
    textArray(runs.map((run) => runTypes.nameOf(run.runType))),
    textArray(runs.map((run) => dagRunStates.nameOf(run.state))),
    timeArray(runs.map((run) => run.queuedAt)),
    timeArray(runs.map((run) => run.startDate)),
    timeArray(runs.map((run) => run.endDate)),
    plainArray(runs.map((run) => run.dagVersionId)),
    plainArray(runs.map((run) => run.clearNumber)),
    textArray(runs.map((run) => run.stateReason)),
    rareArray(
      textArray,
      runs.map((run) => orAbsent(run.note)),
    ),
    ...backfillColumns(runs),
  ];
}

/** For put_schedules. */
export function cursorColumns(cursors: readonly ScheduleCursor[]): string[] {
  return [
    textArray(cursors.map((cursor) => cursor.dagId)),
    timeArray(cursors.map((cursor) => cursor.nextRunAfter)),
    timeArray(cursors.map((cursor) => cursor.nextLogicalDate)),
    timeArray(cursors.map((cursor) => cursor.nextIntervalStart)),
    timeArray(cursors.map((cursor) => cursor.nextIntervalEnd)),
    timeArray(cursors.map((cursor) => cursor.lastIntervalEnd)),
  ];
}

/** For insert_receipts. */
export function receiptColumns(receipts: readonly CommandReceipt[]): string[] {
  return [
    textArray(receipts.map((receipt) => receipt.dagId)),
    textArray(receipts.map((receipt) => receipt.requestId)),
    plainArray(receipts.map((receipt) => partitionOf(receipt.dagId))),
    textArray(receipts.map((receipt) => orAbsent(receipt.dagRunId))),
    textArray(receipts.map((receipt) => receipt.runId)),
  ];
}

/** For insert_audit_entries. */
export function auditColumns(entries: readonly AuditEntry[]): string[] {
  return [
    textArray(entries.map((entry) => entry.actor)),
    textArray(entries.map((entry) => entry.action)),
    textArray(entries.map((entry) => entry.dagId)),
    textArray(entries.map((entry) => entry.runId)),
    textArray(entries.map((entry) => entry.taskId)),
    textArray(entries.map((entry) => entry.detailsJson)),
  ];
}

function backfillColumns(runs: readonly DagRun[]): string[] {
  return [
    rareArray(
      textArray,
      runs.map((run) => orAbsent(run.backfillId)),
    ),
    rareArray(
      plainArray,
      runs.map((run) => run.backfillOrdinal || undefined),
    ),
    rareArray(
      textArray,
      runs.map(({ originalRunType }) =>
        originalRunType === RunType.UNSPECIFIED ? undefined : runTypes.nameOf(originalRunType),
      ),
    ),
  ];
}
