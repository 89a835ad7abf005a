// `dagmesh tasks list`: the task instances of a run.
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import {
  TaskInstanceSchema,
  type TaskInstanceState,
  TaskInstanceStateSchema,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import { command, required, several } from '../../command.ts';
import { parseChoice } from '../../core/arguments.ts';
import { enumNames, toPlain } from '../../core/plain.ts';
import { collectRows, limitOption } from '../../pages.ts';
import { showList } from '../../screen.ts';
import { resolveRunId, runArgument } from '../runs/latest.ts';
import { taskColumns } from './columns.ts';

const STATES: ReadonlyMap<string, TaskInstanceState> = enumNames(TaskInstanceStateSchema);

export const listTasks = command({
  path: 'tasks list',
  summary: 'List the task instances of a run',
  calls: [TaskInstanceService.method.listTaskInstances],
  args: { dagId: required('<dag-id>', 'the DAG'), runId: runArgument },
  options: {
    states: several(
      '-s, --state <state>',
      `only in these states: ${[...STATES.keys()].join(', ')}`,
      parseChoice(STATES),
    ),
    limit: limitOption,
  },
  examples: [
    'dagmesh tasks list seattle_weather latest',
    'dagmesh tasks list seattle_weather latest --state failed,upstream_failed',
  ],
  run: async ({ args, options }, { api, screen, clock }) => {
    const key = { dagId: args.dagId, runId: await resolveRunId(api, args) };
    const rows = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) =>
        api.tasks.listTaskInstances({ ...key, ...page, states: [...options.states] }),
      rowsOf: (page) => page.taskInstances,
    });
    showList(screen, {
      rows,
      plain: (task) => toPlain(TaskInstanceSchema, task),
      columns: taskColumns(clock.nowMs()),
      empty:
        options.states.length > 0
          ? 'No task of this run is in that state.'
          : `This run has no tasks. See its DAG: dagmesh dags show ${key.dagId}`,
    });
  },
});
