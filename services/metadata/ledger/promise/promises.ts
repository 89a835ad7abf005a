// Deadlines, missed SLAs and paused limit keys as rows, written by commits and loaded by owners.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  Deadline,
  DeadlineSchema,
  KeyPause,
  KeyPauseSchema,
  SlaMiss,
  SlaMissSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { partitionOf } from '#kernel/partition/partition.ts';
import { plainArray, textArray, timeArray } from '../database/array.ts';
import { type Instant, instant } from '../record/dag-records.ts';

/** A row of deadline. */
export type DeadlineRow = {
  readonly id: string;
  readonly dag_run_id: string;
  readonly dag_id: string;
  readonly name: string;
  readonly due_at: Instant;
  readonly missed_at: Instant;
  readonly run_id: string;
};

/** A row of sla_miss. */
export type SlaMissRow = {
  readonly task_instance_id: string;
  readonly dag_run_id: string;
  readonly dag_id: string;
  readonly task_id: string;
  readonly map_index: number;
  readonly due_at: Instant;
  readonly missed_at: Instant;
};

/** A row of key_pause. */
export type KeyPauseRow = {
  readonly dag_id: string;
  readonly key: string;
  readonly until: Instant;
};

/** For put_deadlines. */
export function deadlineColumns(deadlines: readonly Deadline[]): string[] {
  return [
    textArray(deadlines.map((deadline) => deadline.deadlineId)),
    textArray(deadlines.map((deadline) => deadline.dagRunId)),
    textArray(deadlines.map((deadline) => deadline.dagId)),
    plainArray(deadlines.map((deadline) => partitionOf(deadline.dagId))),
    textArray(deadlines.map((deadline) => deadline.name)),
    timeArray(deadlines.map((deadline) => deadline.dueAt)),
    timeArray(deadlines.map((deadline) => deadline.missedAt)),
  ];
}

/** For put_sla_misses. */
export function slaMissColumns(misses: readonly SlaMiss[]): string[] {
  return [
    textArray(misses.map((miss) => miss.taskInstanceId)),
    textArray(misses.map((miss) => miss.dagRunId)),
    textArray(misses.map((miss) => miss.dagId)),
    textArray(misses.map((miss) => miss.taskId)),
    plainArray(misses.map((miss) => miss.mapIndex)),
    timeArray(misses.map((miss) => miss.dueAt)),
    timeArray(misses.map((miss) => miss.missedAt)),
  ];
}

/** For put_key_pauses. */
export function keyPauseColumns(pauses: readonly KeyPause[]): string[] {
  return [
    textArray(pauses.map((pause) => pause.dagId)),
    textArray(pauses.map((pause) => pause.key)),
    plainArray(pauses.map((pause) => partitionOf(pause.dagId))),
    timeArray(pauses.map((pause) => pause.until)),
  ];
}

export function toDeadline(row: DeadlineRow): MessageInitShape<typeof DeadlineSchema> {
  return {
    deadlineId: row.id,
    dagRunId: row.dag_run_id,
    dagId: row.dag_id,
    name: row.name,
    dueAt: instant(row.due_at),
    missedAt: instant(row.missed_at),
    runId: row.run_id,
  };
}

export function toSlaMiss(row: SlaMissRow): MessageInitShape<typeof SlaMissSchema> {
  return {
    taskInstanceId: row.task_instance_id,
    dagRunId: row.dag_run_id,
    dagId: row.dag_id,
    taskId: row.task_id,
    mapIndex: row.map_index,
    dueAt: instant(row.due_at),
    missedAt: instant(row.missed_at),
  };
}

export function toKeyPause(row: KeyPauseRow): MessageInitShape<typeof KeyPauseSchema> {
  return { dagId: row.dag_id, key: row.key, until: instant(row.until) };
}
