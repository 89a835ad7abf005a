// `dagmesh backfill list`: the backfills and how far they are.
import { BackfillService, BackfillStatusSchema } from '#gen/dagmesh/api/v1/backfill_service_pb.ts';
import { type BackfillState, BackfillStateSchema } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import { command, optional, several } from '../../command.ts';
import { parseChoice } from '../../core/arguments.ts';
import { enumNames, toPlain } from '../../core/plain.ts';
import { collectRows, limitOption } from '../../pages.ts';
import { showList } from '../../screen.ts';
import { backfillColumns } from './columns.ts';

const STATES: ReadonlyMap<string, BackfillState> = enumNames(BackfillStateSchema);

export const listBackfills = command({
  path: 'backfill list',
  summary: 'List backfills, newest first, with their progress',
  calls: [BackfillService.method.listBackfills],
  args: { dagId: optional('[dag-id]', 'only those of this DAG') },
  options: {
    states: several(
      '-s, --state <state>',
      `only in these states: ${[...STATES.keys()].join(', ')}`,
      parseChoice(STATES),
    ),
    limit: limitOption,
  },
  examples: ['dagmesh backfill list', 'dagmesh backfill list seattle_weather --state running'],
  run: async ({ args, options }, { api, screen, clock }) => {
    const filter = { dagId: args.dagId ?? '', states: [...options.states] };
    const rows = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) => api.backfills.listBackfills({ ...page, ...filter }),
      rowsOf: (page) => page.backfills,
    });
    const example = `${args.dagId ?? '<dag-id>'} --from-date <date> --to-date <date>`;
    showList(screen, {
      rows,
      plain: (status) => toPlain(BackfillStatusSchema, status),
      columns: backfillColumns(clock.nowMs()),
      empty:
        options.states.length > 0
          ? 'No backfill is in that state.'
          : `There are no backfills yet. Make one: dagmesh backfill create ${example}`,
    });
  },
});
