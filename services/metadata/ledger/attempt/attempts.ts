// What executors ask about one attempt on behalf of its worker.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { GetAttemptResponseSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Database } from '../database/database.ts';
import {
  type TaskAttemptRow,
  type TaskInstanceRow,
  toTaskAttempt,
  toTaskInstance,
} from '../record/task-records.ts';
import type { SpecReader } from '../load/specs.ts';
import { ledgerStatement as sql } from '../database/statement.ts';

const READ_ATTEMPT = sql<TaskAttemptRow>('attempt/read_attempt');
const READ_TASK_INSTANCE = sql<TaskInstanceRow & { readonly dag_version_id: bigint }>(
  'attempt/read_attempt_task_instance',
);

/** The attempt with its task instance and its task; `attempt_not_found`. */
export async function getAttempt(
  database: Database,
  specs: SpecReader,
  attemptId: string,
): Promise<MessageInitShape<typeof GetAttemptResponseSchema>> {
  const [[attempt], [instance]] = await Promise.all([
    database.run(READ_ATTEMPT, [attemptId]),
    database.run(READ_TASK_INSTANCE, [attemptId]),
  ]);
  if (attempt === undefined || instance === undefined) {
    throw fail('attempt_not_found', `there is no attempt ${attemptId}`);
  }
  const { tasks } = await specs.get(instance.dag_version_id);
  const task = tasks.find(({ taskId }) => taskId === instance.task_id);
  return {
    attempt: toTaskAttempt(attempt),
    taskInstance: toTaskInstance(instance),
    ...(task === undefined ? {} : { task }),
  };
}

/** The error for a write in the name of an attempt that has ended, or never was. */
export function staleAttempt(attemptId: string) {
  return fail('stale_attempt', `attempt ${attemptId} is not live; end its process`);
}
