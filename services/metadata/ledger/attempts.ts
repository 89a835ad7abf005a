// What executors ask about one attempt on behalf of its worker.
import { fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { DagSpecSchema, type TaskSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { GetAttemptResponseSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Database } from './database.ts';
import { readVersion } from './load-run.ts';
import {
  type TaskAttemptRow,
  type TaskInstanceRow,
  toTaskAttempt,
  toTaskInstance,
} from './records.ts';
import { ledgerStatement as sql } from './statement.ts';

const READ_ATTEMPT = sql<TaskAttemptRow>('read_attempt');
const READ_TASK_INSTANCE = sql<TaskInstanceRow & { readonly dag_version_id: bigint }>(
  'read_attempt_task_instance',
);

/** Versions never change, so their tasks are kept; so many versions at most. */
const VERSIONS_KEPT_MAX = 100;

/** Reads attempts; keeps the tasks of the versions used last. */
export type AttemptReader = {
  /** The attempt with its task instance and its task; `attempt_not_found`. */
  get(attemptId: string): Promise<MessageInitShape<typeof GetAttemptResponseSchema>>;
};

export function createAttemptReader(database: Database): AttemptReader {
  const versions = new Map<bigint, Promise<ReadonlyMap<string, TaskSpec>>>();

  const tasksOf = (dagVersionId: bigint) => {
    const tasks = versions.get(dagVersionId) ?? readTasks(database, dagVersionId);
    // The map keeps its order of insertion, so what was used last goes to its end, and the first
    // goes when it is full.
    versions.delete(dagVersionId);
    versions.set(dagVersionId, tasks);
    tasks.catch(() => versions.delete(dagVersionId));
    const [oldest] = versions.keys();
    if (versions.size > VERSIONS_KEPT_MAX && oldest !== undefined) versions.delete(oldest);
    return tasks;
  };

  return {
    get: async (attemptId) => {
      const [[attempt], [instance]] = await Promise.all([
        database.run(READ_ATTEMPT, [attemptId]),
        database.run(READ_TASK_INSTANCE, [attemptId]),
      ]);
      if (attempt === undefined || instance === undefined) {
        throw fail('attempt_not_found', `there is no attempt ${attemptId}`);
      }
      const task = (await tasksOf(instance.dag_version_id)).get(instance.task_id);
      return {
        attempt: toTaskAttempt(attempt),
        taskInstance: toTaskInstance(instance),
        ...(task === undefined ? {} : { task }),
      };
    },
  };
}

async function readTasks(
  database: Database,
  dagVersionId: bigint,
): Promise<ReadonlyMap<string, TaskSpec>> {
  const { spec } = await readVersion(database, dagVersionId);
  const { tasks } = fromBinary(DagSpecSchema, spec);
  return new Map(tasks.map((task) => [task.taskId, task]));
}
