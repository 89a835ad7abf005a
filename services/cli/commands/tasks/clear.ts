// `dagmesh tasks clear`: make task instances run again, after showing which.
import {
  type ClearTaskInstancesResponse,
  ClearTaskInstancesResponseSchema,
  TaskInstanceService,
} from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { command, flag, required, rest } from '../../command.ts';
import { visible } from '../../core/escape.ts';
import { EXIT } from '../../core/exit-code.ts';
import { toPlain } from '../../core/plain.ts';
import { type Screen, showOne } from '../../screen.ts';
import { resolveRunId, runArgument } from '../runs/latest.ts';

export const clearTasks = command({
  path: 'tasks clear',
  summary: 'Make tasks of a run run again',
  about: 'Shows which tasks it is about and asks; --yes does not ask, --dry-run only shows.',
  calls: [TaskInstanceService.method.clearTaskInstances],
  args: {
    dagId: required('<dag-id>', 'the DAG'),
    runId: runArgument,
    taskIds: rest('[task-ids...]', 'the tasks; none means all'),
  },
  options: {
    downstream: flag('--downstream', 'also everything that depends on them'),
    upstream: flag('--upstream', 'also everything they depend on'),
    onlyFailed: flag('--only-failed', 'only those that are failed or upstream_failed'),
    dryRun: flag('--dry-run', 'change nothing, show what would be cleared'),
    yes: flag('-y, --yes', 'do not ask'),
  },
  examples: [
    'dagmesh tasks clear seattle_weather latest --only-failed --downstream',
    'dagmesh tasks clear seattle_weather latest validate --dry-run',
  ],
  run: async ({ args, options }, { api, screen, signal }) => {
    const request = {
      dagId: args.dagId,
      runId: await resolveRunId(api, args),
      taskIds: [...args.taskIds],
      includeDownstream: options.downstream,
      includeUpstream: options.upstream,
      onlyFailed: options.onlyFailed,
    };
    if (options.dryRun) {
      const preview = await api.tasks.clearTaskInstances({ ...request, dryRun: true });
      show(screen, preview);
      screen.say(`Would be cleared: ${preview.taskIds.length}. Nothing was changed.`);
      return;
    }
    if (!options.yes) {
      if (!screen.isInteractive) {
        screen.say('Clearing asks first, and nobody is here to answer: pass --yes or --dry-run.');
        return EXIT.usage;
      }
      const preview = await api.tasks.clearTaskInstances({ ...request, dryRun: true });
      if (!(await isConfirmed(screen, preview, signal))) {
        screen.say('Nothing was changed.');
        return EXIT.failed;
      }
    }
    const cleared = await api.tasks.clearTaskInstances(request);
    show(screen, cleared);
    const next = `dagmesh tasks list ${request.dagId} ${request.runId}`;
    screen.say(`Cleared: ${cleared.taskIds.length}. See them run: ${next}`);
  },
});

function show(screen: Screen, answer: ClearTaskInstancesResponse): void {
  showOne(screen, toPlain(ClearTaskInstancesResponseSchema, answer), () =>
    answer.taskIds.map(visible).join('\n'),
  );
}

/** Asks a person; what there is nothing of needs no question. */
async function isConfirmed(
  screen: Screen,
  { taskIds }: ClearTaskInstancesResponse,
  signal: AbortSignal,
): Promise<boolean> {
  screen.say(taskIds.map((taskId) => `  ${taskId}`).join('\n'));
  return taskIds.length > 0 && screen.confirm(`Run these ${taskIds.length} tasks again?`, signal);
}
