// `dagmesh tasks mark`: set the states of task instances by hand, after showing which.
import {
  MarkTaskInstancesResponseSchema,
  TaskInstanceService,
} from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { command, requiredAs, text } from '../../command.ts';
import { parseChoice } from '../../core/arguments.ts';
import { toPlain } from '../../core/plain.ts';
import { PREVIEW_ABOUT, previewed, previewOptions } from '../../preview.ts';
import { drawRows, showOne } from '../../screen.ts';
import { KEY_COLUMNS, keyLine } from './keys.ts';
import { seeThem, selectionArguments, selectionOf, selectionOptions } from './selection.ts';

const STATES = new Map([
  ['success', TaskInstanceState.SUCCESS],
  ['failed', TaskInstanceState.FAILED],
  ['skipped', TaskInstanceState.SKIPPED],
]);

export const markTasks = command({
  path: 'tasks mark',
  summary: 'Set the states of tasks by hand',
  about: `${PREVIEW_ABOUT}
What runs is ended, and what had failed below the tasks runs again: with --yes also when all of
them are in that state already.`,
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
    return previewed(context, {
      options,
      call: (dryRun) => api.tasks.markTaskInstances({ ...request, dryRun }),
      show: (answer) =>
        showOne(screen, toPlain(MarkTaskInstancesResponseSchema, answer), () =>
          drawRows(screen, KEY_COLUMNS, answer.taskInstances),
        ),
      lines: ({ taskInstances }) => taskInstances.map(keyLine),
      count: ({ totalCount }) => totalCount,
      question: (count) => `Set the state of these ${count} task instances?`,
      done: ({ totalCount }) =>
        totalCount === 0
          ? 'All of them are so already; what failed below them runs again.'
          : `Marked: ${totalCount}. See them: ${seeThem(request.selection)}`,
    });
  },
});
