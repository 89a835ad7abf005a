// `dagmesh runs clear`: make the tasks of a run run again, after showing which.
import {
  ClearDagRunResponseSchema,
  DagRunService,
} from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { command, flag, required, text } from '../../command.ts';
import { toPlain } from '../../core/plain.ts';
import { PREVIEW_ABOUT, previewed, previewOptions } from '../../preview.ts';
import { drawRows, showOne } from '../../screen.ts';
import { KEY_COLUMNS, keyLine } from '../tasks/keys.ts';
import { resolveRunId, runArgument } from './latest.ts';

export const clearRun = command({
  path: 'runs clear',
  summary: 'Make all tasks of a run run again',
  about: PREVIEW_ABOUT,
  calls: [DagRunService.method.clearDagRun],
  args: { dagId: required('<dag-id>', 'the DAG'), runId: runArgument },
  options: {
    onlyFailed: flag('-f, --only-failed', 'only tasks that are failed or upstream_failed'),
    latestVersion: flag('--latest-version', 'move the run to the newest version of the DAG'),
    note: text('--note <text>', 'written beside the task instances'),
    ...previewOptions,
  },
  examples: [
    'dagmesh runs clear seattle_weather latest --only-failed',
    'dagmesh runs clear seattle_weather latest --latest-version --yes',
  ],
  run: async ({ args, options }, context) => {
    const { api, screen } = context;
    const key = { dagId: args.dagId, runId: await resolveRunId(api, args) };
    const request = {
      ...key,
      onlyFailed: options.onlyFailed,
      note: options.note ?? '',
      ...(options.latestVersion ? { runOnLatestVersion: true } : {}),
    };
    return previewed(context, {
      options,
      call: (dryRun) => api.runs.clearDagRun({ ...request, dryRun }),
      show: (answer) =>
        showOne(screen, toPlain(ClearDagRunResponseSchema, answer), () =>
          drawRows(screen, KEY_COLUMNS, answer.taskInstances),
        ),
      lines: ({ taskInstances }) => taskInstances.map(keyLine),
      count: ({ totalCount }) => totalCount,
      question: (count) => `Run these ${count} task instances again?`,
      done: ({ totalCount }) =>
        totalCount === 0
          ? 'No task instance is like that: nothing was changed.'
          : `Cleared: ${totalCount}. See them run: dagmesh tasks list ${key.dagId} ${key.runId}`,
    });
  },
});
