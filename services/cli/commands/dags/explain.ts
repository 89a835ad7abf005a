// `dagmesh dags explain`: why a DAG has no runs, every reason by name.
import { DagService, ExplainDagResponseSchema } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { command, required } from '../../command.ts';
import { visible } from '../../core/escape.ts';
import { toPlain } from '../../core/plain.ts';
import { drawPairs } from '../../core/table.ts';
import { localIso, relative } from '../../core/when.ts';
import { drawRows, showOne } from '../../screen.ts';
import { blockerColumns, remedies } from '../blockers.ts';

export const explainDag = command({
  path: 'dags explain',
  summary: 'Say why a DAG does not run',
  about: 'Its pause, its schedule, limits and missing assets, with their values.',
  calls: [DagService.method.explainDag],
  args: { dagId: required('<dag-id>', 'the DAG') },
  examples: ['dagmesh dags explain seattle_weather'],
  run: async ({ args }, { api, screen, clock }) => {
    const answer = await api.dags.explainDag({ dagId: args.dagId, nextRuns: 1 });
    const { explanation } = answer;
    if (explanation === undefined) return;
    const nowMs = clock.nowMs();
    showOne(screen, toPlain(ExplainDagResponseSchema, answer), () => {
      const nextMs = fromTimestamp(explanation.nextRuns[0]?.runAfter);
      const next =
        nextMs === undefined ? 'none' : `${localIso(nextMs)} (${relative(nextMs, nowMs)})`;
      const facts = drawPairs([
        ['why', visible(explanation.summary)],
        ['schedule', visible(explanation.schedule || 'only when triggered')],
        ['next run', next],
      ]);
      if (explanation.blockers.length === 0) return facts;
      return `${facts}\n\n${drawRows(screen, blockerColumns(nowMs, args.dagId), explanation.blockers)}`;
    });
    for (const line of remedies(screen, explanation.blockers)) screen.say(line);
  },
});
