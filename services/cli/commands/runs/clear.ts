// `dagmesh runs clear`: make the tasks of a run run again, after showing which.
import {
  ClearDagRunResponseSchema,
  DagRunService,
} from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { command, flag, required, text } from '../../command.ts';
import { PREVIEW_ABOUT, previewOptions } from '../../preview.ts';
import { clearIfWanted } from '../tasks/clearing.ts';
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
    const { api } = context;
    const key = { dagId: args.dagId, runId: await resolveRunId(api, args) };
    const request = {
      ...key,
      onlyFailed: options.onlyFailed,
      note: options.note ?? '',
      ...(options.latestVersion ? { runOnLatestVersion: true } : {}),
    };
    return clearIfWanted(context, {
      options,
      schema: ClearDagRunResponseSchema,
      call: (dryRun) => api.runs.clearDagRun({ ...request, dryRun }),
      see: `dagmesh tasks list ${key.dagId} ${key.runId}`,
    });
  },
});
