// `dagmesh runs list`: what ran and what is running.
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { DagRunSchema, type DagRunState, DagRunStateSchema } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { command, optional, several } from '../../command.ts';
import { parseChoice } from '../../core/arguments.ts';
import { enumNames, toPlain } from '../../core/plain.ts';
import { collectRows, limitOption } from '../../pages.ts';
import { showList } from '../../screen.ts';
import { runColumns } from './columns.ts';

const STATES: ReadonlyMap<string, DagRunState> = enumNames(DagRunStateSchema);

export const listRuns = command({
  path: 'runs list',
  summary: 'List runs, newest first',
  calls: [DagRunService.method.listDagRuns],
  args: { dagId: optional('[dag-id]', 'only runs of this DAG') },
  options: {
    states: several(
      '-s, --state <state>',
      `only in these states: ${[...STATES.keys()].join(', ')}`,
      parseChoice(STATES),
    ),
    limit: limitOption,
  },
  examples: [
    'dagmesh runs list',
    'dagmesh runs list seattle_weather --state failed,running --limit 10',
  ],
  run: async ({ args, options }, { api, screen, clock }) => {
    const rows = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) =>
        api.runs.listDagRuns({ ...page, dagId: args.dagId ?? '', states: [...options.states] }),
      rowsOf: (page) => page.runs,
    });
    showList(screen, {
      rows,
      plain: (run) => toPlain(DagRunSchema, run),
      columns: runColumns(clock.nowMs()),
      empty:
        options.states.length > 0
          ? 'No run is in that state.'
          : `There are no runs yet. Start one: dagmesh dags trigger ${args.dagId ?? '<dag-id>'}`,
    });
  },
});
