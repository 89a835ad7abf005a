// `dagmesh dags next-execution`: when a DAG runs next, as its schedule says.
import { DagService, ExplainDagResponseSchema } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import type { PlannedRun } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { command, defaulted, required } from '../../command.ts';
import { parseWhole } from '../../core/arguments.ts';
import { visible } from '../../core/escape.ts';
import { toPlain } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';
import { localIso, relative } from '../../core/when.ts';
import { drawRows, isForPeople, showOne } from '../../screen.ts';

const NEXT_RUNS_MAX = 1_000;
/** The kind of blocker that says no more than that a run is still to come. */
const NOT_DUE = 'run_after';

export const nextExecution = command({
  path: 'dags next-execution',
  summary: 'Show when a DAG runs next',
  about: 'As its schedule says now, in local time; a pause or a limit may hold the runs back.',
  calls: [DagService.method.explainDag],
  args: { dagId: required('<dag-id>', 'the DAG') },
  options: {
    count: defaulted('-n, --num-executions <count>', 'how many runs', {
      parse: parseWhole({ min: 1, max: NEXT_RUNS_MAX }),
      otherwise: 1,
    }),
  },
  examples: [
    'dagmesh dags next-execution seattle_weather',
    'dagmesh dags next-execution seattle_weather -n 5 -o json',
  ],
  run: async ({ args, options }, { api, screen, clock }) => {
    const { dagId } = args;
    const answer = await api.dags.explainDag({ dagId, nextRuns: options.count });
    const { nextRuns = [], summary = '', blockers = [] } = answer.explanation ?? {};
    if (nextRuns.length > 0 || !isForPeople(screen)) {
      showOne(screen, toPlain(ExplainDagResponseSchema, answer), () =>
        drawRows(screen, columns(clock.nowMs(), nextRuns), nextRuns),
      );
    }
    if (nextRuns.length === 0) screen.say(`No run is planned. ${visible(summary)}`);
    if (nextRuns.length > 0 && blockers.some(({ kind }) => kind !== NOT_DUE)) {
      screen.say(`It is held back. Why: dagmesh dags explain ${dagId}`);
    }
  },
});

/** Columns of a list of planned runs; runs for partitions are told apart by them. */
function columns(nowMs: number, runs: readonly PlannedRun[]): readonly Column<PlannedRun>[] {
  const partition = { title: 'partition', cell: (run: PlannedRun) => run.partitionKey };
  const isPartitioned = runs.some(({ partitionKey }) => partitionKey !== '');
  return [
    { title: 'runs', cell: (run) => relative(fromTimestamp(run.runAfter), nowMs) },
    { title: 'run_after', cell: (run) => localIso(fromTimestamp(run.runAfter)) },
    { title: 'logical_date', cell: (run) => localIso(fromTimestamp(run.logicalDate)) },
    { title: 'interval start', cell: (run) => localIso(fromTimestamp(run.dataIntervalStart)) },
    { title: 'interval end', cell: (run) => localIso(fromTimestamp(run.dataIntervalEnd)) },
    isPartitioned ? partition : { ...partition, wide: true },
  ];
}
