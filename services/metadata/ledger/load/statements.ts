// What is read of partitions and of single runs alike: each statement takes partitions or null, and
// one run (load_dags: one DAG) or null.
import { type Statement, ledgerStatement as sql } from '../database/statement.ts';
import { type DeadlineRow, type SlaMissRow, toDeadline, toSlaMiss } from '../promise/promises.ts';
import type { DagRow } from '../record/dag-records.ts';
import {
  type TaskAttemptRow,
  type TaskInstanceRow,
  toTaskAttempt,
  toTaskInstance,
} from '../record/task-records.ts';

/** Rows, and what a row is in an answer. */
export type Reading<Row, Message> = {
  readonly statement: Statement<Row>;
  readonly toMessage: (row: Row) => Message;
};

export const LOAD_DAGS = sql<DagRow>('load/load_dags');

/** What belongs to runs. */
export const OF_RUNS = {
  taskInstances: {
    statement: sql<TaskInstanceRow>('load/load_task_instances'),
    toMessage: toTaskInstance,
  },
  attempts: { statement: sql<TaskAttemptRow>('load/load_attempts'), toMessage: toTaskAttempt },
  deadlines: { statement: sql<DeadlineRow>('promise/load_deadlines'), toMessage: toDeadline },
  slaMisses: { statement: sql<SlaMissRow>('promise/load_sla_misses'), toMessage: toSlaMiss },
} as const;
