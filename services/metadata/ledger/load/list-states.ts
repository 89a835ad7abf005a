// States of task instances of one DAG, for tasks and triggers that wait for them.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  ListStatesRequest,
  ListStatesResponseSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { tasksOfGroup } from '../../core/group-tasks.ts';
import { orAbsent, plainArray, textArray } from '../database/array.ts';
import type { Database } from '../database/database.ts';
import { type DagRunRow, toDagRun } from '../record/dag-records.ts';
import { type TaskInstanceRow, toTaskInstance } from '../record/task-records.ts';
import type { SpecReader } from './specs.ts';
import { ledgerStatement as sql } from '../database/statement.ts';

/** A task instance without wait and dates. */
type StateRow = Omit<
  TaskInstanceRow,
  'scheduled_at' | 'queued_at' | 'start_date' | 'end_date' | 'next_try_time' | 'worker_id'
>;

const LIST_RUNS = sql<DagRunRow>('load/list_state_runs');
const LIST_STATES = sql<StateRow>('load/list_states');

/** Most task instances in one answer. */
const INSTANCES_MAX = 20_000;

const UNSAID = {
  scheduled_at: null,
  queued_at: null,
  start_date: null,
  end_date: null,
  next_try_time: null,
  worker_id: null,
};

/**
 * The runs that exist among those asked for, with the instances of the tasks: of a group those that
 * the version of each run has in it. `limit_reached` when there are more than 20,000.
 */
export async function listStates(
  database: Database,
  specs: SpecReader,
  request: ListStatesRequest,
): Promise<MessageInitShape<typeof ListStatesResponseSchema>> {
  const { dagId, runId, logicalDates, taskIds, taskGroupId } = request;
  const runs = await database.browse(LIST_RUNS, [
    dagId,
    orAbsent(runId),
    plainArray(logicalDates.map(fromTimestamp)),
  ]);
  const asked = await Promise.all(
    runs.map(async (run) => {
      const grouped =
        taskGroupId === ''
          ? []
          : (tasksOfGroup(await specs.get(run.dag_version_id), taskGroupId) ?? []);
      return [...new Set([...taskIds, ...grouped])].map((taskId) => ({ runId: run.id, taskId }));
    }),
  );
  const instances = await readInstances(database, asked.flat());
  return { runs: runs.map(toDagRun), taskInstances: instances.map(toTaskInstance) };
}

async function readInstances(
  database: Database,
  asked: readonly { readonly runId: string; readonly taskId: string }[],
): Promise<readonly TaskInstanceRow[]> {
  if (asked.length === 0) return [];
  const rows = await database.browse(LIST_STATES, [
    textArray(asked.map((one) => one.runId)),
    textArray(asked.map((one) => one.taskId)),
    INSTANCES_MAX + 1,
  ]);
  if (rows.length > INSTANCES_MAX) {
    throw fail(
      'limit_reached',
      `these are more than ${INSTANCES_MAX} task instances; ask for fewer runs or tasks`,
    );
  }
  return rows.map((row) => ({ ...row, ...UNSAID }));
}
