// Task instances by name, as changes answer them.
import { TaskInstanceStateSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { TaskInstanceKey } from '#gen/dagmesh/scheduler/v1/operation_pb.ts';
import { stateColour } from '../../core/paint.ts';
import { enumName } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';

/** Columns of a list of what was, or would be, changed. */
export const KEY_COLUMNS: readonly Column<TaskInstanceKey>[] = [
  { title: 'run_id', cell: (key) => key.runId },
  { title: 'task_id', cell: keyName },
  {
    title: 'state before',
    cell: (key) => enumName(TaskInstanceStateSchema, key.state),
    colour: stateColour,
  },
];

/** `run_id task[3]`, for questions. */
export function keyLine(key: TaskInstanceKey): string {
  return `${key.runId} ${keyName(key)}`;
}

function keyName(key: TaskInstanceKey): string {
  return key.mapIndex < 0 ? key.taskId : `${key.taskId}[${key.mapIndex}]`;
}
