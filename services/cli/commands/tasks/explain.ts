// `dagmesh tasks explain`: why a task is not running, every reason by name.
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import {
  type Blocker,
  ExplainResponseSchema,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { command } from '../../command.ts';
import { visible } from '../../core/escape.ts';
import { stateColour } from '../../core/paint.ts';
import { toPlain } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';
import { relative } from '../../core/when.ts';
import { drawRows, showOne } from '../../screen.ts';
import { resolveRunId } from '../runs/latest.ts';
import { targetArguments } from './target.ts';

export const explainTask = command({
  path: 'tasks explain',
  summary: 'Say why a task is not running',
  calls: [TaskInstanceService.method.explainTaskInstance],
  args: targetArguments,
  examples: ['dagmesh tasks explain seattle_weather latest validate'],
  run: async ({ args }, { api, screen, clock }) => {
    const runId = await resolveRunId(api, args);
    const { explanation } = await api.tasks.explainTaskInstance({ ...args, runId });
    if (explanation === undefined) return;
    showOne(screen, toPlain(ExplainResponseSchema, explanation), () => {
      const colour = stateColour(explanation.state);
      const shown = visible(explanation.state);
      const state = colour === undefined ? shown : screen.paint(shown, colour);
      const summary = `${state}: ${visible(explanation.summary)}`;
      if (explanation.blockers.length === 0) return summary;
      return `${summary}\n\n${drawRows(screen, columns(clock.nowMs()), explanation.blockers)}`;
    });
  },
});

function columns(nowMs: number): readonly Column<Blocker>[] {
  return [
    { title: 'held back by', cell: (blocker) => blocker.kind },
    { title: 'subject', cell: (blocker) => blocker.subject },
    { title: 'ends', cell: (blocker) => relative(fromTimestamp(blocker.until), nowMs) },
    { title: 'why', cell: (blocker) => blocker.message },
  ];
}
