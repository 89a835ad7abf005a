// `dagmesh tasks explain`: why a task is not running, every reason by name.
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { ExplainResponseSchema } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { command } from '../../command.ts';
import { visible } from '../../core/escape.ts';
import { stateColour } from '../../core/paint.ts';
import { toPlain } from '../../core/plain.ts';
import { drawRows, showOne } from '../../screen.ts';
import { blockerColumns, remedies } from '../blockers.ts';
import { resolveRunId } from '../runs/latest.ts';
import { mapIndexOption, targetArguments } from './target.ts';

export const explainTask = command({
  path: 'tasks explain',
  alias: 'failed-deps',
  summary: 'Say why a task is not running',
  about: 'Without --map-index a mapped task is taken as a whole.',
  calls: [TaskInstanceService.method.explainTaskInstance],
  args: targetArguments,
  options: { mapIndex: mapIndexOption },
  examples: [
    'dagmesh tasks explain seattle_weather latest validate',
    'dagmesh tasks failed-deps seattle_weather latest load --map-index 3',
  ],
  run: async ({ args, options }, { api, screen, clock }) => {
    const runId = await resolveRunId(api, args);
    const { explanation } = await api.tasks.explainTaskInstance({ ...args, ...options, runId });
    if (explanation === undefined) return;
    showOne(screen, toPlain(ExplainResponseSchema, explanation), () => {
      const colour = stateColour(explanation.state);
      const shown = visible(explanation.state);
      const state = colour === undefined ? shown : screen.paint(shown, colour);
      const summary = `${state}: ${visible(explanation.summary)}`;
      if (explanation.blockers.length === 0) return summary;
      const table = drawRows(screen, blockerColumns(clock.nowMs()), explanation.blockers);
      return `${summary}\n\n${table}`;
    });
    for (const line of remedies(screen, explanation.blockers)) screen.say(line);
  },
});
