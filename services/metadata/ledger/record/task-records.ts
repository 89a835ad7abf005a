// Rows of task instances and their attempts as the contract's messages.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { fromJsonString } from '@bufbuild/protobuf';
import {
  type TaskAttemptSchema,
  type TaskInstanceSchema,
  WaitSchema,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import { type Instant, instant } from './dag-records.ts';
import { taskAttemptStates, taskInstanceStates } from './names.ts';

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
