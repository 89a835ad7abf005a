// `dagmesh tasks mark`: set the states of task instances by hand, after showing which.
import {
  type MarkTaskInstancesResponse,
  MarkTaskInstancesResponseSchema,
  TaskInstanceService,
} from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { TaskInstanceState, TaskInstanceStateSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { TaskInstanceKey } from '#gen/dagmesh/scheduler/v1/operation_pb.ts';
import { command, requiredAs, text } from '../../command.ts';
import { parseChoice } from '../../core/arguments.ts';
import { enumName, toPlain } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';
import { PREVIEW_ABOUT, previewed, previewOptions } from '../../preview.ts';
import { drawRows, showOne } from '../../screen.ts';
import { KEY_COLUMNS, keyLine } from './keys.ts';
import { seeThem, selectionArguments, selectionOf, selectionOptions } from './selection.ts';

const STATES = new Map([
  ['success', TaskInstanceState.SUCCESS],
  ['failed', TaskInstanceState.FAILED],
  ['skipped', TaskInstanceState.SKIPPED],
]);

/** A task instance, and what becomes of it. */
type Change = TaskInstanceKey & { readonly outcome: string };

const COLUMNS: readonly Column<Change>[] = [
  ...KEY_COLUMNS,
  { title: 'then', cell: ({ outcome }) => outcome },
];

export const markTasks = command({
  path: 'tasks mark',
  summary: 'Set the states of tasks by hand',
  about: `${PREVIEW_ABOUT}
What runs is ended, and what had failed below the tasks starts over: also when all of them are in
that state already.`,
  calls: [TaskInstanceService.method.markTaskInstances],
  args: {
    state: requiredAs('<state>', [...STATES.keys()].join(', '), parseChoice(STATES)),
    ...selectionArguments,
  },
  options: {
    ...selectionOptions,
    note: text('--note <text>', 'written beside the task instances'),
    ...previewOptions,
  },
  examples: [
    'dagmesh tasks mark success seattle_weather latest validate',
    'dagmesh tasks mark skipped seattle_weather latest load --downstream --yes',
  ],
  run: async ({ args, options }, context) => {
    const { api, screen } = context;
    const request = {
      selection: await selectionOf(api, { args, options }),
      state: args.state,
      note: options.note ?? '',
    };
    const { state } = request;
    return previewed(context, {
      options,
      call: (dryRun) => api.tasks.markTaskInstances({ ...request, dryRun }),
      show: (answer) =>
        showOne(screen, toPlain(MarkTaskInstancesResponseSchema, answer), () =>
          drawRows(screen, COLUMNS, changesOf(answer, state)),
        ),
      lines: (answer) => changesOf(answer, state).map((key) => `${keyLine(key)}: ${key.outcome}`),
      count: ({ totalCount, clearedCount }) => totalCount + clearedCount,
      question: ({ totalCount, clearedCount }) => {
        const cleared = `let these ${clearedCount} that failed below start over?`;
        if (totalCount === 0) return `Nothing is to be marked; ${cleared}`;
        const marked = `Set the state of these ${totalCount} task instances`;
        return clearedCount === 0 ? `${marked}?` : `${marked}, and ${cleared}`;
      },
      done: ({ totalCount, clearedCount }) => {
        const counts = `Marked: ${totalCount}. Started over below: ${clearedCount}.`;
        return `${counts} See them: ${seeThem(request.selection)}`;
      },
      nothing: 'All of them are so already and nothing failed below them: no state was changed.',
    });
  },
});

/** What becomes of the task instances that an answer names. */
function changesOf(
  { taskInstances, clearedTaskInstances }: MarkTaskInstancesResponse,
  state: TaskInstanceState,
): readonly Change[] {
  const marked = `marked ${enumName(TaskInstanceStateSchema, state)}`;
  return [
    ...taskInstances.map((key) => ({ ...key, outcome: marked })),
    ...clearedTaskInstances.map((key) => ({ ...key, outcome: 'starts over' })),
  ];
}
