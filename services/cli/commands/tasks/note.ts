// `dagmesh tasks note`: write something beside a task instance.
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { command, required } from '../../command.ts';
import { resolveRunId } from '../runs/latest.ts';
import { mapIndexOption, targetArguments } from './target.ts';

export const noteTask = command({
  path: 'tasks note',
  summary: 'Write a note beside a task instance',
  about: 'The note replaces the one that is there; an empty one ("") removes it.',
  calls: [TaskInstanceService.method.setTaskInstanceNote],
  args: { ...targetArguments, note: required('<note>', 'at most 1,000 characters') },
  options: { mapIndex: mapIndexOption },
  examples: ['dagmesh tasks note seattle_weather latest validate "upstream sent half a file"'],
  run: async ({ args, options }, { api, screen }) => {
    const runId = await resolveRunId(api, args);
    await api.tasks.setTaskInstanceNote({ ...args, ...options, runId });
    const what = args.note === '' ? 'Removed the note of' : 'Wrote the note of';
    screen.say(`${what} ${args.taskId} in ${runId}.`);
  },
});
