// The rows of a commit as columns, in the order in which the statements under sql/ name them.
import { toJsonString } from '@bufbuild/protobuf';
import {
  type DagRun,
  RunType,
  type TaskAttempt,
  type TaskInstance,
  type Wait,
  WaitSchema,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import type {
  AuditEntry,
  CommandReceipt,
  ScheduleCursor,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import type { PushedXCom } from '../core/commit-rows.ts';
import { orAbsent, plainArray, rareArray, textArray, timeArray } from './array.ts';
import { dagRunStates, runTypes, taskAttemptStates, taskInstanceStates } from './names.ts';

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

/** For insert_task_instances. */
export function newTaskInstanceColumns(instances: readonly TaskInstance[]): string[] {
  const [id = '{}', ...progress] = changedTaskInstanceColumns(instances);
  return [
    id,
    textArray(instances.map((instance) => instance.dagRunId)),
    textArray(instances.map((instance) => instance.taskId)),
    ...progress,
  ];
}

/** For update_task_instances. */
export function changedTaskInstanceColumns(instances: readonly TaskInstance[]): string[] {
  return [
    textArray(instances.map((instance) => instance.id)),
    plainArray(instances.map((instance) => instance.mapIndex)),
    textArray(instances.map((instance) => taskInstanceStates.nameOf(instance.state))),
    plainArray(instances.map((instance) => instance.tryNumber)),
    plainArray(instances.map((instance) => instance.triesMax)),
    plainArray(instances.map((instance) => instance.epoch)),
    textArray(instances.map((instance) => orAbsent(instance.attemptId))),
    timeArray(instances.map((instance) => instance.scheduledAt)),
    timeArray(instances.map((instance) => instance.queuedAt)),
    timeArray(instances.map((instance) => instance.startDate)),
    timeArray(instances.map((instance) => instance.endDate)),
    timeArray(instances.map((instance) => instance.nextTryTime)),
    textArray(instances.map((instance) => instance.stateReason)),
    plainArray(instances.map((instance) => instance.lossesCount)),
    ...detailColumns(instances),
  ];
}

/** For hold_task_instances. */
export function heldTaskInstanceColumns(instances: readonly TaskInstance[]): string[] {
  return [
    textArray(instances.map((instance) => instance.id)),
    timeArray(instances.map((instance) => instance.scheduledAt)),
    ...detailColumns(instances),
  ];
}

/** For insert_task_attempts. */
export function newAttemptColumns(attempts: readonly TaskAttempt[]): string[] {
  return [
    textArray(attempts.map((attempt) => attempt.attemptId)),
    textArray(attempts.map((attempt) => attempt.taskInstanceId)),
    plainArray(attempts.map((attempt) => attempt.tryNumber)),
    plainArray(attempts.map((attempt) => attempt.epoch)),
    textArray(attempts.map((attempt) => taskAttemptStates.nameOf(attempt.state))),
    textArray(attempts.map((attempt) => attempt.workerId)),
    textArray(attempts.map((attempt) => attempt.executorId)),
    timeArray(attempts.map((attempt) => attempt.startDate)),
    timeArray(attempts.map((attempt) => attempt.endDate)),
    ...errorColumns(attempts),
  ];
}

/** For end_task_attempts. */
export function endedAttemptColumns(attempts: readonly TaskAttempt[]): string[] {
  return [
    textArray(attempts.map((attempt) => attempt.attemptId)),
    textArray(attempts.map((attempt) => taskAttemptStates.nameOf(attempt.state))),
    timeArray(attempts.map((attempt) => attempt.endDate)),
    ...errorColumns(attempts),
  ];
}

/** For put_xcoms. */
export function xcomColumns(xcoms: readonly PushedXCom[]): string[] {
  return [
    textArray(xcoms.map((xcom) => xcom.attemptId)),
    textArray(xcoms.map((xcom) => xcom.key)),
    textArray(xcoms.map((xcom) => xcom.valueJson)),
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

/** What most task instances have none of. */
function detailColumns(instances: readonly TaskInstance[]): string[] {
  return [
    rareArray(
      plainArray,
      instances.map((instance) => instance.mapLength),
    ),
    rareArray(
      textArray,
      instances.map((instance) => orAbsent(instance.mapLabel)),
    ),
    rareArray(
      textArray,
      instances.map((instance) => orAbsent(instance.skipDecisionJson)),
    ),
    rareArray(
      timeArray,
      instances.map((instance) => instance.executionDeadline),
    ),
    rareArray(
      timeArray,
      instances.map((instance) => instance.waitingSince),
    ),
    rareArray(
      plainArray,
      instances.map((instance) => instance.reschedulesCount || undefined),
    ),
    rareArray(
      textArray,
      instances.map((instance) => orAbsent(instance.wait?.waitId ?? '')),
    ),
    rareArray(
      textArray,
      instances.map((instance) => waitJson(instance.wait)),
    ),
    rareArray(
      textArray,
      instances.map((instance) => orAbsent(instance.note)),
    ),
    rareArray(
      plainArray,
      instances.map((instance) => instance.isPastMet || undefined),
    ),
  ];
}

function waitJson(wait: Wait | undefined): string | undefined {
  return wait === undefined ? undefined : toJsonString(WaitSchema, wait);
}

function errorColumns(attempts: readonly TaskAttempt[]): string[] {
  return [
    textArray(attempts.map((attempt) => attempt.errorClass)),
    textArray(attempts.map((attempt) => attempt.errorMessage)),
    textArray(attempts.map((attempt) => attempt.errorStack)),
  ];
}
