// `dagmesh tasks states`: how many task instances of a run are in which state, task by task.
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { type TaskInstance, TaskInstanceStateSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { command, required } from '../../command.ts';
import { enumNames } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';
import { collectRows } from '../../pages.ts';
import { showList } from '../../screen.ts';
import { resolveRunId, runArgument } from '../runs/latest.ts';
import { taskState } from './columns.ts';

/** Instances that are counted at most. */
const INSTANCES_MAX = 100_000;

type TaskStates = {
  readonly task_id: string;
  readonly instances_count: number;
  /** Number of instances by state. */
  readonly states: { readonly [state: string]: number };
};

const ORDER = [...enumNames(TaskInstanceStateSchema).keys()];

const COLUMNS: readonly Column<TaskStates>[] = [
  { title: 'task_id', cell: (task) => task.task_id },
  { title: 'instances', cell: (task) => String(task.instances_count), align: 'right' },
  { title: 'states', cell: statesLine },
];

export const taskStates = command({
  path: 'tasks states',
  alias: 'states-for-dag-run',
  summary: 'Count the task instances of a run by state, task by task',
  calls: [TaskInstanceService.method.listTaskInstances],
  args: { dagId: required('<dag-id>', 'the DAG'), runId: runArgument },
  examples: ['dagmesh tasks states seattle_weather latest'],
  run: async ({ args }, { api, screen }) => {
    const key = { dagId: args.dagId, runId: await resolveRunId(api, args) };
    const instances = await collectRows({
      limit: INSTANCES_MAX,
      screen,
      fetch: (page) => api.tasks.listTaskInstances({ ...key, ...page }),
      rowsOf: (page) => page.taskInstances,
    });
    showList(screen, {
      rows: countByTask(instances),
      plain: (task) => task,
      columns: COLUMNS,
      empty: `This run has no tasks. See its DAG: dagmesh dags show ${key.dagId}`,
    });
  },
});

function countByTask(instances: readonly TaskInstance[]): readonly TaskStates[] {
  const byTask = new Map<string, Map<string, number>>();
  for (const instance of instances) {
    const counts = byTask.get(instance.taskId) ?? new Map<string, number>();
    const state = taskState(instance);
    byTask.set(instance.taskId, counts.set(state, (counts.get(state) ?? 0) + 1));
  }
  return [...byTask].map(([taskId, counts]) => ({
    task_id: taskId,
    instances_count: [...counts.values()].reduce((sum, count) => sum + count, 0),
    states: Object.fromEntries(counts),
  }));
}

/** `2 success, 1 failed`, or the state alone for a task with one instance. */
function statesLine({ instances_count: instancesCount, states }: TaskStates): string {
  const names = ORDER.filter((state) => states[state] !== undefined);
  if (instancesCount === 1) return names.join('');
  return names.map((state) => `${states[state]} ${state}`).join(', ');
}
