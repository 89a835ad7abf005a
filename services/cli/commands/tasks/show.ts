// `dagmesh tasks show`: one task instance with every try at it.
import {
  GetTaskInstanceResponseSchema,
  TaskInstanceService,
} from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { command } from '../../command.ts';
import { toPlain } from '../../core/plain.ts';
import { drawRows, showOne } from '../../screen.ts';
import { resolveRunId } from '../runs/latest.ts';
import { attemptColumns, taskColumns } from './columns.ts';
import { mapIndexOption, targetArguments, targetWords } from './target.ts';

export const showTask = command({
  path: 'tasks show',
  summary: 'Show a task instance and all tries at it',
  calls: [TaskInstanceService.method.getTaskInstance],
  args: targetArguments,
  options: { mapIndex: mapIndexOption },
  examples: ['dagmesh tasks show seattle_weather latest validate'],
  run: async ({ args, options }, { api, screen, clock }) => {
    const runId = await resolveRunId(api, args);
    const answer = await api.tasks.getTaskInstance({ ...args, ...options, runId });
    const { taskInstance, attempts } = answer;
    if (taskInstance === undefined) return;
    const nowMs = clock.nowMs();
    showOne(screen, toPlain(GetTaskInstanceResponseSchema, answer), () => {
      const task = drawRows(screen, taskColumns(nowMs), [taskInstance]);
      return attempts.length === 0
        ? task
        : `${task}\n\n${drawRows(screen, attemptColumns(nowMs), attempts)}`;
    });
    if (attempts.length === 0) {
      const target = targetWords({ ...args, runId }, options.mapIndex);
      screen.say(`It was not begun yet. Why: dagmesh tasks explain ${target}`);
    }
  },
});
