// `dagmesh tasks clear`: make task instances run again, after showing which.
import {
  ClearTaskInstancesResponseSchema,
  TaskInstanceService,
} from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { command, flag, text } from '../../command.ts';
import { PREVIEW_ABOUT, previewOptions } from '../../preview.ts';
import { clearIfWanted } from './clearing.ts';
import { seeThem, selectionArguments, selectionOf, selectionOptions } from './selection.ts';

export const clearTasks = command({
  path: 'tasks clear',
  summary: 'Make tasks run again, in one run or several',
  about: `${PREVIEW_ABOUT}\nThe setups and teardowns of the tasks are cleared with them.`,
  calls: [TaskInstanceService.method.clearTaskInstances],
  args: selectionArguments,
  options: {
    ...selectionOptions,
    onlyFailed: flag('-f, --only-failed', 'only those that are failed or upstream_failed'),
    onlyRunning: flag('-r, --only-running', 'only those that are running'),
    latestVersion: flag('--latest-version', 'move the runs to the newest version of the DAG'),
    preventRunning: flag('--prevent-running', 'refuse when one of them is running (exit code 6)'),
    keepRunState: flag('--keep-run-state', 'leave finished runs finished'),
    note: text('--note <text>', 'written beside the task instances'),
    ...previewOptions,
  },
  examples: [
    'dagmesh tasks clear seattle_weather latest --only-failed --downstream',
    'dagmesh tasks clear seattle_weather latest validate --dry-run',
    'dagmesh tasks clear seattle_weather all validate -s 2026-01-01 -e 2026-01-31 --yes',
    "dagmesh tasks clear seattle_weather latest 'load[3]' --yes",
  ],
  run: async ({ args, options }, context) => {
    const { api } = context;
    const request = {
      selection: await selectionOf(api, { args, options }),
      onlyFailed: options.onlyFailed,
      onlyRunning: options.onlyRunning,
      preventRunningTask: options.preventRunning,
      keepsRunState: options.keepRunState,
      note: options.note ?? '',
      ...(options.latestVersion ? { runOnLatestVersion: true } : {}),
    };
    return clearIfWanted(context, {
      options,
      schema: ClearTaskInstancesResponseSchema,
      call: (dryRun) => api.tasks.clearTaskInstances({ ...request, dryRun }),
      see: seeThem(request.selection),
    });
  },
});
