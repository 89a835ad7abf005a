// Runs of a DAG as its owner asks about them: lists by date, and the run before another.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { DagRunSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type {
  ListRunsRequest,
  LoadPastRequest,
  LoadPastResponseSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { INTERNAL_BYTES_MAX, sizedAnswer } from '../database/answer-size.ts';
import { textArray } from '../database/array.ts';
import type { Database } from '../database/database.ts';
import { dagRunStates } from '../record/names.ts';
import { type DagRunRow, toDagRun } from '../record/dag-records.ts';
import { type TaskInstanceRow, toTaskInstance } from '../record/task-records.ts';
import { ledgerStatement as sql } from '../database/statement.ts';

const LIST_RUNS = sql<DagRunRow>('load/list_runs');
const LOAD_PAST_RUN = sql<DagRunRow>('load/load_past_run');
const LOAD_PAST_INSTANCES = sql<TaskInstanceRow>('load/load_past_task_instances');
const FIND_TASKS_WITH_PAST = sql<{ readonly task_id: string }>('load/find_tasks_with_past');

/** Runs in the order asked for; `limit_reached` when they do not fit one answer. */
export async function listRuns(
  database: Database,
  request: ListRunsRequest,
): Promise<MessageInitShape<typeof DagRunSchema>[]> {
  const { dagId, fromDate, toDate, states, isDescending, limit } = request;
  const rows = await database.browse(LIST_RUNS, [
    dagId,
    fromTimestamp(fromDate),
    fromTimestamp(toDate),
    states.length === 0 ? undefined : textArray(states.map(dagRunStates.nameOf)),
    isDescending,
    limit,
    request.hasLogicalDate,
    request.includesCallbacks,
    request.partitionKeys.length === 0 ? undefined : textArray(request.partitionKeys),
  ]);
  return sizedAnswer(rows, (row) => row.conf_json.length, INTERNAL_BYTES_MAX).map(toDagRun);
}

/**
 * The run before a logical date with its instances of some tasks, and which of the tasks any
 * earlier run has instances of.
 */
export async function loadPast(
  database: Database,
  request: LoadPastRequest,
  logicalMs: number,
): Promise<MessageInitShape<typeof LoadPastResponseSchema>> {
  const { dagId, onlyScheduled, taskIds } = request;
  const [run] = await database.browse(LOAD_PAST_RUN, [dagId, logicalMs, onlyScheduled]);
  const instances =
    run === undefined
      ? []
      : await database.browse(LOAD_PAST_INSTANCES, [run.id, textArray(taskIds)]);
  // What the run before has needs no search through all the others.
  const found = new Set(instances.map((instance) => instance.task_id));
  const others = taskIds.filter((taskId) => !found.has(taskId));
  const older =
    others.length === 0
      ? []
      : await database.browse(FIND_TASKS_WITH_PAST, [dagId, logicalMs, textArray(others)]);
  return {
    ...(run === undefined ? {} : { run: toDagRun(run) }),
    taskInstances: instances.map(toTaskInstance),
    taskIdsWithPast: [...found, ...older.map((row) => row.task_id)],
  };
}
