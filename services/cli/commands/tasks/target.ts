// The task instance that a command is about: its arguments and options.
import { parsed, required } from '../../command.ts';
import { parseWhole } from '../../core/arguments.ts';
import { runArgument } from '../runs/latest.ts';

/** The arguments. */
export const targetArguments = {
  dagId: required('<dag-id>', 'the DAG'),
  runId: runArgument,
  taskId: required('<task-id>', 'the task'),
};

/** A task instance as suggested commands name it. */
export function targetWords(
  { dagId, runId, taskId }: Readonly<Record<'dagId' | 'runId' | 'taskId', string>>,
  mapIndex: number | undefined,
): string {
  return `${dagId} ${runId} ${taskId}${mapIndex === undefined ? '' : ` --map-index ${mapIndex}`}`;
}

/** `--map-index`, for mapped tasks. */
export const mapIndexOption = parsed(
  '--map-index <index>',
  'which instance of a mapped task',
  parseWhole({ min: 0, max: 2_147_483_647 }),
);
