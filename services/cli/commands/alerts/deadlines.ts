// `dagmesh alerts deadlines`: by when runs should succeed, and which did not.
import {
  AlertService,
  type Deadline,
  DeadlineSchema,
} from '#gen/dagmesh/api/v1/alert_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { command, flag, optional, text } from '../../command.ts';
import { toPlain } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';
import { localIso, relative } from '../../core/when.ts';
import { collectRows, limitOption } from '../../pages.ts';
import { showList } from '../../screen.ts';

export const listDeadlines = command({
  path: 'alerts deadlines',
  summary: 'List deadlines of runs, latest first',
  about: 'Those that were missed, and those of runs that are not over; kept ones are forgotten.',
  calls: [AlertService.method.listDeadlines],
  args: { dagId: optional('[dag-id]', 'only those of this DAG') },
  options: {
    runId: text('-r, --run <run-id>', 'only of this run of it'),
    missed: flag('--missed', 'only missed ones'),
    limit: limitOption,
  },
  examples: ['dagmesh alerts deadlines', 'dagmesh alerts deadlines seattle_weather --missed'],
  run: async ({ args, options }, { api, screen, clock }) => {
    const { runId = '', missed } = options;
    const filter = { dagId: args.dagId ?? '', runId, onlyMissed: missed };
    const rows = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) => api.alerts.listDeadlines({ ...page, ...filter }),
      rowsOf: (page) => page.deadlines,
    });
    showList(screen, {
      rows,
      plain: (deadline) => toPlain(DeadlineSchema, deadline),
      columns: columns(clock.nowMs()),
      empty: missed
        ? 'No deadline was missed.'
        : 'There are no deadlines. A DAG declares them: dagmesh dags show <dag-id> -o yaml',
    });
  },
});

function columns(nowMs: number): readonly Column<Deadline>[] {
  return [
    { title: 'dag_id', cell: (deadline) => deadline.dagId },
    { title: 'run_id', cell: (deadline) => deadline.runId },
    { title: 'name', cell: (deadline) => deadline.name },
    { title: 'due', cell: (deadline) => localIso(fromTimestamp(deadline.dueAt)) },
    { title: 'that is', cell: (deadline) => relative(fromTimestamp(deadline.dueAt), nowMs) },
    {
      title: 'missed',
      cell: (deadline) => (deadline.missedAt === undefined ? '' : 'yes'),
      colour: (text) => (text === 'yes' ? 'red' : undefined),
    },
  ];
}
