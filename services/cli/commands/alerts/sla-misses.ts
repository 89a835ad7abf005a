// `dagmesh alerts sla-misses`: tasks that did not succeed in time.
import { AlertService, type SlaMiss, SlaMissSchema } from '#gen/dagmesh/api/v1/alert_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { command, optional, text } from '../../command.ts';
import { toPlain } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';
import { localIso, relative } from '../../core/when.ts';
import { collectRows, limitOption } from '../../pages.ts';
import { showList } from '../../screen.ts';

export const listSlaMisses = command({
  path: 'alerts sla-misses',
  summary: 'List tasks that did not succeed within their SLA, latest first',
  calls: [AlertService.method.listSlaMisses],
  args: { dagId: optional('[dag-id]', 'only those of this DAG') },
  options: {
    runId: text('-r, --run <run-id>', 'only of this run of it'),
    taskId: text('-t, --task <task-id>', 'only of this task of it'),
    limit: limitOption,
  },
  examples: ['dagmesh alerts sla-misses', 'dagmesh alerts sla-misses seattle_weather -o json'],
  run: async ({ args, options }, { api, screen, clock }) => {
    const { runId = '', taskId = '' } = options;
    const filter = { dagId: args.dagId ?? '', runId, taskId };
    const rows = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) => api.alerts.listSlaMisses({ ...page, ...filter }),
      rowsOf: (page) => page.slaMisses,
    });
    showList(screen, {
      rows,
      plain: (miss) => toPlain(SlaMissSchema, miss),
      columns: columns(clock.nowMs()),
      empty: 'No SLA was missed.',
    });
  },
});

function columns(nowMs: number): readonly Column<SlaMiss>[] {
  return [
    { title: 'dag_id', cell: (miss) => miss.dagId },
    { title: 'run_id', cell: (miss) => miss.runId },
    {
      title: 'task_id',
      cell: ({ taskId, mapIndex }) => (mapIndex < 0 ? taskId : `${taskId}[${mapIndex}]`),
    },
    { title: 'due', cell: (miss) => localIso(fromTimestamp(miss.dueAt)) },
    { title: 'missed', cell: (miss) => relative(fromTimestamp(miss.missedAt), nowMs) },
  ];
}
