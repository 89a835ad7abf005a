// `dagmesh dags show`: one DAG with its tasks, in the order they depend on one another.
import { DagService, GetDagResponseSchema } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { command, parsed, required } from '../../command.ts';
import { parseWhole } from '../../core/arguments.ts';
import { visible } from '../../core/escape.ts';
import { toPlain } from '../../core/plain.ts';
import { drawPairs } from '../../core/table.ts';
import { localIso, relative } from '../../core/when.ts';
import { drawRows, showOne } from '../../screen.ts';
import { taskColumns, tasksInOrder } from './task-table.ts';

export const showDag = command({
  path: 'dags show',
  summary: 'Show a DAG and its tasks',
  about: 'With -o json or yaml: the whole DagSpec, as workers and schedulers know it.',
  calls: [DagService.method.getDag],
  args: { dagId: required('<dag-id>', 'the DAG') },
  options: {
    versionNumber: parsed(
      '--dag-version <number>',
      'as it was in this version; default the current one',
      parseWhole({ min: 1, max: 2_147_483_647 }),
    ),
  },
  examples: [
    'dagmesh dags show seattle_weather',
    'dagmesh dags show seattle_weather --dag-version 3 -o yaml',
  ],
  run: async ({ args, options }, { api, screen, clock }) => {
    const { versionNumber = 0 } = options;
    const answer = await api.dags.getDag({ dagId: args.dagId, versionNumber });
    const { dag, spec } = answer;
    showOne(screen, toPlain(GetDagResponseSchema, answer), () => {
      const nextMs = fromTimestamp(dag?.nextRunAfter);
      const next = nextMs === undefined ? undefined : relative(nextMs, clock.nowMs());
      const facts = drawPairs([
        ['dag_id', visible(dag?.dagId ?? args.dagId)],
        ['description', visible(dag?.description ?? '')],
        ['state', dag?.isPaused ? 'paused' : dag?.isActive ? 'active' : 'removed'],
        ['schedule', visible(dag?.schedule || 'only when triggered')],
        ['next run', next === undefined ? undefined : `${localIso(nextMs)} (${next})`],
        ['owner', visible(dag?.owner ?? '')],
        ['tags', visible(dag?.tags.join(', ') ?? '')],
        ['file', visible(dag?.dagFile ?? '')],
        ['version', String(answer.version?.versionNumber ?? dag?.versionNumber ?? '')],
        ['params', visible(spec?.params.map(({ name }) => name).join(', ') ?? '')],
      ]);
      return `${facts}\n\n${drawRows(screen, taskColumns(spec), tasksInOrder(spec))}`;
    });
  },
});
