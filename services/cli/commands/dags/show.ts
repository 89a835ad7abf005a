// `dagmesh dags show`: one DAG with its tasks, in the order they depend on one another.
import { DagService, GetDagResponseSchema } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import type { DagSpec, TaskSpec } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { command, parsed, required } from '../../command.ts';
import { parseWhole } from '../../core/arguments.ts';
import { visible } from '../../core/escape.ts';
import { toPlain } from '../../core/plain.ts';
import { type Column, drawPairs } from '../../core/table.ts';
import { localIso, relative } from '../../core/when.ts';
import { drawRows, showOne } from '../../screen.ts';

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
      return `${facts}\n\n${drawRows(screen, COLUMNS, inOrder(spec))}`;
    });
  },
});

const COLUMNS: readonly Column<TaskSpec>[] = [
  { title: 'task_id', cell: (task) => task.taskId },
  { title: 'waits for', cell: (task) => task.upstreamTaskIds.join(', ') },
  { title: 'queue', cell: (task) => (task.isEmpty ? '' : task.queue || 'default') },
  { title: 'pool', cell: (task) => task.pool || 'default_pool' },
  { title: 'retries', cell: (task) => String(task.retry?.retries ?? 0), align: 'right' },
  { title: 'handler', cell: (task) => task.handler, wide: true },
];

/** Upstream tasks first, otherwise the author's order. */
function inOrder(spec: DagSpec | undefined): readonly TaskSpec[] {
  const waiting = [...(spec?.tasks ?? [])];
  const placed = new Set<string>();
  const ordered: TaskSpec[] = [];
  while (waiting.length > 0) {
    const ready = waiting.findIndex((task) => task.upstreamTaskIds.every((id) => placed.has(id)));
    // A spec has no cycle; should one come anyway, its tasks are shown in the author's order.
    const [task] = waiting.splice(Math.max(ready, 0), 1);
    if (task === undefined) break;
    placed.add(task.taskId);
    ordered.push(task);
  }
  return ordered;
}
