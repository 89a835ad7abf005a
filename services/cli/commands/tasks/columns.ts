// How task instances and their attempts look in tables.
import {
  type TaskAttempt,
  TaskAttemptStateSchema,
  type TaskInstance,
  TaskInstanceStateSchema,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { stateColour } from '../../core/paint.ts';
import { enumName } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';
import { elapsed, localIso, relative } from '../../core/when.ts';

/** Columns of a list of task instances. */
export function taskColumns(nowMs: number): readonly Column<TaskInstance>[] {
  return [
    { title: 'task_id', cell: taskName },
    { title: 'state', cell: taskState, colour: stateColour },
    { title: 'try', cell: (task) => `${task.tryNumber}/${task.triesMax + 1}`, align: 'right' },
    { title: 'started', cell: (task) => relative(fromTimestamp(task.startDate), nowMs) },
    { title: 'took', cell: (task) => took(task, nowMs), align: 'right' },
    { title: 'next try', cell: (task) => relative(fromTimestamp(task.nextTryTime), nowMs) },
    { title: 'name', cell: (task) => task.mapLabel, wide: true },
    { title: 'worker', cell: (task) => task.workerId, wide: true },
    { title: 'reason', cell: (task) => task.stateReason, wide: true },
    { title: 'note', cell: (task) => task.note, wide: true },
  ];
}

/** Columns of the attempts at one task instance. */
export function attemptColumns(nowMs: number): readonly Column<TaskAttempt>[] {
  return [
    { title: 'try', cell: (attempt) => String(attempt.tryNumber), align: 'right' },
    {
      title: 'state',
      cell: (attempt) => enumName(TaskAttemptStateSchema, attempt.state),
      colour: stateColour,
    },
    { title: 'started', cell: (attempt) => localIso(fromTimestamp(attempt.startDate)) },
    { title: 'took', cell: (attempt) => took(attempt, nowMs), align: 'right' },
    { title: 'worker', cell: (attempt) => attempt.workerId },
    { title: 'error', cell: errorLine },
    { title: 'attempt_id', cell: (attempt) => attempt.attemptId, wide: true },
    { title: 'executor', cell: (attempt) => attempt.executorId, wide: true },
  ];
}

/** Brings the instances of each task together, which the api lists as they came to be. */
export function taskByTask<Row extends Pick<TaskInstance, 'taskId' | 'mapIndex'>>(
  rows: readonly Row[],
): readonly Row[] {
  const first = new Map<string, number>();
  for (const { taskId } of rows) if (!first.has(taskId)) first.set(taskId, first.size);
  const placeOf = ({ taskId }: Row): number => first.get(taskId) ?? 0;
  return rows.toSorted((a, b) => placeOf(a) - placeOf(b) || a.mapIndex - b.mapIndex);
}

/** `task` or, for a mapped one, `task[3]`. */
export function taskName(task: TaskInstance): string {
  return task.mapIndex < 0 ? task.taskId : `${task.taskId}[${task.mapIndex}]`;
}

/** The state of a task instance in lower case. */
export function taskState(task: TaskInstance): string {
  return enumName(TaskInstanceStateSchema, task.state);
}

function took(one: Pick<TaskInstance, 'startDate' | 'endDate'>, nowMs: number): string {
  return elapsed(fromTimestamp(one.startDate), fromTimestamp(one.endDate), nowMs);
}

/** The first line of an error: the rest is in the log. */
function errorLine({ errorClass, errorMessage }: TaskAttempt): string {
  const [line = ''] = errorMessage.split('\n');
  return errorClass === '' || line === '' ? errorClass + line : `${errorClass}: ${line}`;
}
