// `dagmesh runs list`: what ran and what is running.
import { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import {
  DagRunSchema,
  type DagRunState,
  DagRunStateSchema,
  type RunType,
  RunTypeSchema,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { command, flag, optional, parsed, several, text } from '../../command.ts';
import { parseBackfillId, parseChoice, parseInstantMs } from '../../core/arguments.ts';
import { enumNames, toPlain } from '../../core/plain.ts';
import { collectRows, limitOption } from '../../pages.ts';
import { showList } from '../../screen.ts';
import { runColumns } from './columns.ts';

const STATES: ReadonlyMap<string, DagRunState> = enumNames(DagRunStateSchema);
const TYPES: ReadonlyMap<string, RunType> = enumNames(RunTypeSchema);

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
    types: several(
      '-t, --type <type>',
      `only created by these: ${[...TYPES.keys()].join(', ')}`,
      parseChoice(TYPES),
    ),
    fromMs: parsed('--from <instant>', 'only from this logical date on', parseInstantMs),
    toMs: parsed('--to <instant>', 'only up to this logical date, inclusive', parseInstantMs),
    startedAfterMs: parsed('--started-after <instant>', 'only begun since then', parseInstantMs),
    startedBeforeMs: parsed('--started-before <instant>', 'only begun until then', parseInstantMs),
    contains: text('--contains <text>', 'only those whose run_id contains this text'),
    backfillId: parsed('--backfill <id>', 'only those of this backfill', parseBackfillId),
    partitionKey: text('--partition-key <key>', 'only those about this part of the data'),
    callbacks: flag('--callbacks', 'also runs of callbacks'),
    limit: limitOption,
  },
  examples: [
    'dagmesh runs list',
    'dagmesh runs list seattle_weather --state failed,running --limit 10',
    'dagmesh runs list seattle_weather --type backfill --from 2026-01-01 --to 2026-01-31',
  ],
  run: async ({ args, options }, { api, screen, clock }) => {
    const filter = {
      dagId: args.dagId ?? '',
      states: [...options.states],
      runTypes: [...options.types],
      runIdContains: options.contains ?? '',
      backfillId: options.backfillId ?? '',
      partitionKey: options.partitionKey ?? '',
      includesCallbacks: options.callbacks,
      ...instants(options),
    };
    const rows = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) => api.runs.listDagRuns({ ...page, ...filter }),
      rowsOf: (page) => page.runs,
    });
    const { limit: _limit, callbacks: _callbacks, ...filters } = options;
    const isFiltered = Object.values(filters).some((value) =>
      Array.isArray(value) ? value.length > 0 : value !== undefined,
    );
    showList(screen, {
      rows,
      plain: (run) => toPlain(DagRunSchema, run),
      columns: runColumns(clock.nowMs()),
      empty: isFiltered
        ? 'No run is like that.'
        : `There are no runs yet. Start one: dagmesh dags trigger ${args.dagId ?? '<dag-id>'}`,
    });
  },
});

/** The instants that were given; the others stay absent. */
function instants(options: {
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  readonly startedAfterMs: number | undefined;
  readonly startedBeforeMs: number | undefined;
}) {
  const { fromMs, toMs, startedAfterMs, startedBeforeMs } = options;
  return {
    ...(fromMs === undefined ? {} : { logicalDateFrom: toTimestamp(fromMs) }),
    ...(toMs === undefined ? {} : { logicalDateTo: toTimestamp(toMs) }),
    ...(startedAfterMs === undefined ? {} : { startDateFrom: toTimestamp(startedAfterMs) }),
    ...(startedBeforeMs === undefined ? {} : { startDateTo: toTimestamp(startedBeforeMs) }),
  };
}
