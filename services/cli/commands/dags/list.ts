// `dagmesh dags list`: what there is to run.
import { type Dag, DagSchema, DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { command, flag, parsed, several, text } from '../../command.ts';
import { parseChoice } from '../../core/arguments.ts';
import { stateColour } from '../../core/paint.ts';
import { toPlain } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';
import { relative } from '../../core/when.ts';
import { collectRows, limitOption } from '../../pages.ts';
import { showList } from '../../screen.ts';

const PAUSED = new Map([
  ['paused', true],
  ['active', false],
]);

export const listDags = command({
  path: 'dags list',
  summary: 'List DAGs',
  calls: [DagService.method.listDags],
  options: {
    contains: text('--contains <text>', 'only those whose id contains this text'),
    all: flag('-a, --all', 'also those whose file vanished'),
    tags: several('-t, --tag <tag>', 'only those with one of these tags', (tag) => tag),
    isPaused: parsed('-s, --state <state>', 'only paused or active ones', parseChoice(PAUSED)),
    limit: limitOption,
  },
  examples: ['dagmesh dags list', 'dagmesh dags list --contains weather -o json'],
  run: async ({ options }, { api, screen, clock }) => {
    const rows = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) =>
        api.dags.listDags({
          ...page,
          dagIdContains: options.contains ?? '',
          includeInactive: options.all,
          tags: [...options.tags],
          ...(options.isPaused === undefined ? {} : { isPaused: options.isPaused }),
        }),
      rowsOf: (page) => page.dags,
    });
    const { contains, tags, isPaused } = options;
    const isFiltered = contains !== undefined || tags.length > 0 || isPaused !== undefined;
    showList(screen, {
      rows,
      plain: (dag) => toPlain(DagSchema, dag),
      columns: columns(clock.nowMs()),
      empty: isFiltered
        ? 'No DAG is like that. See them all: dagmesh dags list --all'
        : 'There are no DAGs. Put a DAG file into the DAG folder; its errors: dagmesh dags errors',
    });
  },
});

/** What a DAG's row says of its state. */
function stateOf(dag: Dag): string {
  if (!dag.isActive) return 'removed';
  return dag.isPaused ? 'paused' : 'active';
}

function columns(nowMs: number): readonly Column<Dag>[] {
  return [
    { title: 'dag_id', cell: (dag) => dag.dagId },
    { title: 'state', cell: stateOf, colour: stateColour },
    { title: 'schedule', cell: (dag) => dag.schedule },
    { title: 'next run', cell: (dag) => relative(fromTimestamp(dag.nextRunAfter), nowMs) },
    { title: 'tasks', cell: (dag) => String(dag.tasksCount), align: 'right' },
    { title: 'owner', cell: (dag) => dag.owner },
    { title: 'tags', cell: (dag) => dag.tags.join(','), wide: true },
    { title: 'version', cell: (dag) => String(dag.versionNumber), align: 'right', wide: true },
    { title: 'file', cell: (dag) => dag.dagFile, wide: true },
    { title: 'description', cell: (dag) => dag.description, wide: true },
  ];
}
