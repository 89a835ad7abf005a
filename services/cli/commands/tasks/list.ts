// `dagmesh tasks list`: the task instances of a run.
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import {
  TaskInstanceSchema,
  type TaskInstanceState,
  TaskInstanceStateSchema,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import { command, flag, parsed, required, several, text } from '../../command.ts';
import { parseChoice, parseIndexRange } from '../../core/arguments.ts';
import { enumNames, toPlain } from '../../core/plain.ts';
import { collectRows, limitOption } from '../../pages.ts';
import { showList } from '../../screen.ts';
import { resolveRunId, runArgument } from '../runs/latest.ts';
import { taskByTask, taskColumns } from './columns.ts';

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
    taskId: text('-t, --task <task-id>', 'only this task'),
    taskGroupId: text('-g, --group <group-id>', 'only tasks of this group and of those in it'),
    mapIndex: parsed(
      '--map-index <index>',
      'only this instance of mapped tasks, or a range like 10-19',
      parseIndexRange,
    ),
    mapped: flag('--mapped', 'only instances of mapped tasks'),
    limit: limitOption,
  },
  examples: [
    'dagmesh tasks list seattle_weather latest',
    'dagmesh tasks list seattle_weather latest --state failed,upstream_failed',
    'dagmesh tasks list seattle_weather latest --task load --map-index 0-99',
  ],
  run: async ({ args, options }, { api, screen, clock }) => {
    const key = { dagId: args.dagId, runId: await resolveRunId(api, args) };
    const { states, taskId = '', taskGroupId = '', mapIndex, mapped } = options;
    const filter = {
      states: [...states],
      taskId,
      taskGroupId,
      onlyMapped: mapped,
      ...(mapIndex === undefined ? {} : { mapIndexFrom: mapIndex.from, mapIndexTo: mapIndex.to }),
    };
    const isFiltered = states.length > 0 || taskId || taskGroupId || mapIndex || mapped;
    const rows = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) => api.tasks.listTaskInstances({ ...key, ...page, ...filter }),
      rowsOf: (page) => page.taskInstances,
    });
    showList(screen, {
      rows: taskByTask(rows),
      plain: (task) => toPlain(TaskInstanceSchema, task),
      columns: taskColumns(clock.nowMs()),
      empty: isFiltered
        ? 'No task instance of this run is like that.'
        : `This run has no tasks. See its DAG: dagmesh dags show ${key.dagId}`,
    });
  },
});
