// Rows of the ledger as the contract's messages.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { fromBinary, fromJsonString } from '@bufbuild/protobuf';
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import {
  type DagRunSchema,
  RunType,
  type TaskAttemptSchema,
  type TaskInstanceSchema,
  WaitSchema,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import type {
  DagRecordSchema,
  DagVersionRecordSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { dagRunStates, runTypes, taskAttemptStates, taskInstanceStates } from './names.ts';

/** An instant as the database gives it: milliseconds since the epoch, or null. */
export type Instant = number | null;

/** A row of dag_run. */
export type DagRunRow = {
  readonly id: string;
  readonly dag_id: string;
  readonly run_id: string;
  readonly run_type: string;
  readonly state: string;
  readonly logical_date: Instant;
  readonly data_interval_start: Instant;
  readonly data_interval_end: Instant;
  readonly run_after: Instant;
  readonly queued_at: Instant;
  readonly start_date: Instant;
  readonly end_date: Instant;
  readonly dag_version_id: bigint;
  readonly clear_number: number;
  readonly triggered_by: string;
  readonly state_reason: string;
  readonly conf_json: string;
  readonly note?: string | null;
  readonly partition_key?: string | null;
  readonly backfill_id?: string | null;
  readonly backfill_ordinal?: number | null;
  readonly original_run_type?: string | null;
  readonly callback_of_run_id?: string | null;
};

/** A row of task_instance with its run's ids and the worker of its attempt. */
export type TaskInstanceRow = Partial<TaskInstanceDetails> & {
  readonly id: string;
  readonly dag_run_id: string;
  readonly dag_id: string;
  readonly run_id: string;
  readonly task_id: string;
  readonly map_index: number;
  readonly state: string;
  readonly try_number: number;
  readonly tries_max: number;
  readonly epoch: bigint;
  readonly attempt_id: string | null;
  readonly scheduled_at: Instant;
  readonly queued_at: Instant;
  readonly start_date: Instant;
  readonly end_date: Instant;
  readonly next_try_time: Instant;
  readonly worker_id: string | null;
  readonly state_reason: string;
  /** Left out of what is read for people. */
  readonly losses_count?: number;
};

/** What most task instances have none of; some reads leave it out. */
export type TaskInstanceDetails = {
  readonly map_length: number | null;
  readonly map_label: string | null;
  readonly skip_decision_json: string | null;
  readonly execution_deadline: Instant;
  readonly waiting_since: Instant;
  readonly reschedules_count: number | null;
  readonly wait: string | null;
  readonly note: string | null;
  readonly is_past_met: boolean | null;
};

/** A row of task_attempt. */
export type TaskAttemptRow = {
  readonly attempt_id: string;
  readonly task_instance_id: string;
  readonly try_number: number;
  readonly epoch: bigint;
  readonly state: string;
  readonly worker_id: string;
  readonly executor_id: string;
  readonly start_date: Instant;
  readonly end_date: Instant;
  readonly error_class: string;
  readonly error_message: string;
  readonly error_stack: string;
};

/** A row of dag_version. */
export type DagVersionRow = {
  readonly dag_version_id: bigint;
  readonly dag_id: string;
  readonly version_number: number;
  readonly spec: Uint8Array;
  readonly dag_file: string;
  readonly bundle_name: string;
  readonly bundle_version: string;
};

/** A row of dag with its schedule's. */
export type DagRow = {
  readonly dag_id: string;
  readonly dag_version_id: bigint;
  readonly is_paused: boolean;
  readonly is_active: boolean;
  readonly next_run_after: Instant;
  readonly next_logical_date: Instant;
  readonly next_interval_start: Instant;
  readonly next_interval_end: Instant;
  readonly last_interval_end: Instant;
  readonly last_run_end: Instant;
};

/** An instant as the contract has it. */
export function instant(value: Instant | undefined): Timestamp | undefined {
  return value === null || value === undefined ? undefined : toTimestamp(value);
}

export function toDagRun(row: DagRunRow): MessageInitShape<typeof DagRunSchema> {
  return {
    id: row.id,
    dagId: row.dag_id,
    runId: row.run_id,
    runType: runTypes.valueOf(row.run_type),
    state: dagRunStates.valueOf(row.state),
    logicalDate: instant(row.logical_date),
    dataIntervalStart: instant(row.data_interval_start),
    dataIntervalEnd: instant(row.data_interval_end),
    runAfter: instant(row.run_after),
    queuedAt: instant(row.queued_at),
    startDate: instant(row.start_date),
    endDate: instant(row.end_date),
    confJson: row.conf_json,
    dagVersionId: row.dag_version_id,
    triggeredBy: row.triggered_by,
    clearNumber: row.clear_number,
    stateReason: row.state_reason,
    note: row.note ?? '',
    partitionKey: row.partition_key ?? '',
    backfillId: row.backfill_id ?? '',
    backfillOrdinal: row.backfill_ordinal ?? 0,
    originalRunType:
      typeof row.original_run_type === 'string'
        ? runTypes.valueOf(row.original_run_type)
        : RunType.UNSPECIFIED,
    callbackOfRunId: row.callback_of_run_id ?? '',
  };
}

export function toTaskInstance(row: TaskInstanceRow): MessageInitShape<typeof TaskInstanceSchema> {
  return {
    id: row.id,
    dagRunId: row.dag_run_id,
    dagId: row.dag_id,
    runId: row.run_id,
    taskId: row.task_id,
    mapIndex: row.map_index,
    state: taskInstanceStates.valueOf(row.state),
    tryNumber: row.try_number,
    triesMax: row.tries_max,
    epoch: row.epoch,
    attemptId: row.attempt_id ?? '',
    scheduledAt: instant(row.scheduled_at),
    queuedAt: instant(row.queued_at),
    startDate: instant(row.start_date),
    endDate: instant(row.end_date),
    nextTryTime: instant(row.next_try_time),
    workerId: row.worker_id ?? '',
    stateReason: row.state_reason,
    lossesCount: row.losses_count ?? 0,
    ...toDetails(row),
  };
}

function toDetails(row: Partial<TaskInstanceDetails>) {
  return {
    ...(typeof row.map_length === 'number' ? { mapLength: row.map_length } : {}),
    mapLabel: row.map_label ?? '',
    skipDecisionJson: row.skip_decision_json ?? '',
    executionDeadline: instant(row.execution_deadline),
    waitingSince: instant(row.waiting_since),
    reschedulesCount: row.reschedules_count ?? 0,
    // A service of a newer version may have written more into it than this one knows.
    ...(typeof row.wait === 'string'
      ? { wait: fromJsonString(WaitSchema, row.wait, { ignoreUnknownFields: true }) }
      : {}),
    note: row.note ?? '',
    isPastMet: row.is_past_met ?? false,
  };
}

export function toTaskAttempt(row: TaskAttemptRow): MessageInitShape<typeof TaskAttemptSchema> {
  return {
    attemptId: row.attempt_id,
    taskInstanceId: row.task_instance_id,
    tryNumber: row.try_number,
    epoch: row.epoch,
    state: taskAttemptStates.valueOf(row.state),
    workerId: row.worker_id,
    executorId: row.executor_id,
    startDate: instant(row.start_date),
    endDate: instant(row.end_date),
    errorClass: row.error_class,
    errorMessage: row.error_message,
    errorStack: row.error_stack,
  };
}

export function toDagVersion(row: DagVersionRow): MessageInitShape<typeof DagVersionRecordSchema> {
  return {
    dagVersionId: row.dag_version_id,
    dagId: row.dag_id,
    versionNumber: row.version_number,
    spec: fromBinary(DagSpecSchema, row.spec),
    dagFile: row.dag_file,
    bundleName: row.bundle_name,
    bundleVersion: row.bundle_version,
  };
}

/** The cursor is absent while the schedule has never moved. */
export function toDagRecord(row: DagRow): MessageInitShape<typeof DagRecordSchema> {
  return {
    dagId: row.dag_id,
    dagVersionId: row.dag_version_id,
    isPaused: row.is_paused,
    isActive: row.is_active,
    cursor: {
      dagId: row.dag_id,
      nextRunAfter: instant(row.next_run_after),
      nextLogicalDate: instant(row.next_logical_date),
      nextIntervalStart: instant(row.next_interval_start),
      nextIntervalEnd: instant(row.next_interval_end),
      lastIntervalEnd: instant(row.last_interval_end),
    },
    lastRunEnd: instant(row.last_run_end),
  };
}
