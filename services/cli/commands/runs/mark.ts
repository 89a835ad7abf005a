// `dagmesh runs mark`: set the state of a run by hand, after showing what that does to its tasks.
import { DagRunService, MarkDagRunResponseSchema } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagRunState, DagRunStateSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { command, required, requiredAs } from '../../command.ts';
import { parseChoice } from '../../core/arguments.ts';
import { enumName, toPlain } from '../../core/plain.ts';
import { PREVIEW_ABOUT, previewed, previewOptions } from '../../preview.ts';
import { drawRows, showOne } from '../../screen.ts';
import { KEY_COLUMNS, keyLine } from '../tasks/keys.ts';
import { resolveRunId, runArgument } from './latest.ts';

const STATES = new Map([
  ['success', DagRunState.SUCCESS],
  ['failed', DagRunState.FAILED],
  ['queued', DagRunState.QUEUED],
]);

export const markRun = command({
  path: 'runs mark',
  summary: 'Set the state of a run by hand',
  about: `${PREVIEW_ABOUT}
success: all its tasks succeed. failed: what runs fails, what waits is skipped. queued: all of it
runs again. Teardowns that have not run still run, so the run may go on for a while.`,
  calls: [DagRunService.method.markDagRun],
  args: {
    state: requiredAs('<state>', [...STATES.keys()].join(', '), parseChoice(STATES)),
    dagId: required('<dag-id>', 'the DAG'),
    runId: runArgument,
  },
  options: previewOptions,
  examples: [
    'dagmesh runs mark failed seattle_weather latest',
    'dagmesh runs mark success seattle_weather latest --yes',
  ],
  run: async ({ args, options }, context) => {
    const { api, screen } = context;
    const key = { dagId: args.dagId, runId: await resolveRunId(api, args) };
    const request = { ...key, state: args.state };
    return previewed(context, {
      options,
      call: (dryRun) => api.runs.markDagRun({ ...request, dryRun }),
      show: (answer) =>
        showOne(screen, toPlain(MarkDagRunResponseSchema, answer), () =>
          drawRows(screen, KEY_COLUMNS, answer.taskInstances),
        ),
      lines: ({ taskInstances }) => taskInstances.map(keyLine),
      // The run's own state counts, even when none of its tasks changes.
      count: ({ taskInstances }) => taskInstances.length + 1,
      question: ({ taskInstances }) =>
        `Set the state of the run, and of these ${taskInstances.length} task instances?`,
      done: ({ state }) =>
        `${key.runId} is ${enumName(DagRunStateSchema, state)} now. ` +
        `See it: dagmesh runs show ${key.dagId} ${key.runId}`,
    });
  },
});
