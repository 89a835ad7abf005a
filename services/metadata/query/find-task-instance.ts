// Finds the task instance that a question is about, or says what is missing: DAG, run or task.
import { fail } from '#kernel/errors/errors.ts';
import { taskNotFound } from '#kernel/errors/not-found.ts';
import type { Database } from '../ledger/database/database.ts';
import type { TaskInstanceRow } from '../ledger/record/task-records.ts';
import { findRun } from './find-run.ts';
import { queryStatement } from './statement.ts';

const GET_TASK_INSTANCE = queryStatement<TaskInstanceRow>('get_task_instance');
const COUNT_MAP_INDEXES = queryStatement<{ readonly count: number }>('count_map_indexes');

/** The map_index of an instance that is not mapped. */
export const UNMAPPED = -1;

/** A task instance by name; without a map index the unmapped one. */
export type TaskInstancePlace = {
  readonly dagId: string;
  readonly runId: string;
  readonly taskId: string;
  readonly mapIndex?: number | undefined;
};

/** The task instance; `dag_not_found`, `run_not_found`, `task_not_found`. */
export async function findTaskInstance(
  database: Database,
  place: TaskInstancePlace,
): Promise<TaskInstanceRow> {
  const { taskId, mapIndex = UNMAPPED } = place;
  const run = await findRun(database, place);
  const [row] = await database.browse(GET_TASK_INSTANCE, [run.id, taskId, mapIndex]);
  if (row !== undefined) return row;
  const [mapped] = await database.browse(COUNT_MAP_INDEXES, [run.id, taskId]);
  throw whatIsMissing(run, place, mapped?.count ?? 0);
}

function whatIsMissing(
  { dag_id: dagId, run_id: runId }: { readonly dag_id: string; readonly run_id: string },
  { taskId, mapIndex = UNMAPPED }: TaskInstancePlace,
  mappedCount: number,
): Error {
  if (mappedCount > 0 && mapIndex < 0) {
    const range = `0 to ${mappedCount - 1}`;
    const words = `task "${taskId}" is mapped; say which of its instances with --map-index`;
    return fail('task_not_found', `${words}, ${range}`);
  }
  const what = mapIndex < 0 ? `task "${taskId}"` : `instance ${mapIndex} of a task "${taskId}"`;
  return taskNotFound({ dagId, runId, what });
}
