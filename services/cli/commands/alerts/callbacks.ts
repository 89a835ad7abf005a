// `dagmesh alerts callbacks`: who was told, and whether that worked.
import { AlertService } from '#gen/dagmesh/api/v1/alert_service_pb.ts';
import {
  type DagRun,
  DagRunSchema,
  type DagRunState,
  DagRunStateSchema,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { command, optional, several, text } from '../../command.ts';
import { parseChoice } from '../../core/arguments.ts';
import { stateColour } from '../../core/paint.ts';
import { enumNames, toPlain } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';
import { relative } from '../../core/when.ts';
import { collectRows, limitOption } from '../../pages.ts';
import { showList } from '../../screen.ts';
import { runState, runTook } from '../runs/columns.ts';

const STATES: ReadonlyMap<string, DagRunState> = enumNames(DagRunStateSchema);

export const listCallbacks = command({
  path: 'alerts callbacks',
  summary: 'List runs of callbacks, newest first',
  about: 'Each is a run with one task; its log: dagmesh tasks logs <dag-id> <run-id> <task-id>',
  calls: [AlertService.method.listCallbacks],
  args: { dagId: optional('[dag-id]', 'only those of this DAG') },
  options: {
    runId: text('-r, --run <run-id>', 'only those about this run of it'),
    states: several(
      '-s, --state <state>',
      `only in these states: ${[...STATES.keys()].join(', ')}`,
      parseChoice(STATES),
    ),
    limit: limitOption,
  },
  examples: ['dagmesh alerts callbacks', 'dagmesh alerts callbacks seattle_weather --state failed'],
  run: async ({ args, options }, { api, screen, clock }) => {
    const { runId = '', states } = options;
    const filter = { dagId: args.dagId ?? '', runId, states: [...states] };
    const rows = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) => api.alerts.listCallbacks({ ...page, ...filter }),
      rowsOf: (page) => page.runs,
    });
    showList(screen, {
      rows,
      plain: (run) => toPlain(DagRunSchema, run),
      columns: columns(clock.nowMs()),
      empty: 'No callback was run. A DAG declares them: dagmesh dags show <dag-id> -o yaml',
    });
  },
});

function columns(nowMs: number): readonly Column<DagRun>[] {
  return [
    { title: 'dag_id', cell: (run) => run.dagId },
    { title: 'about', cell: (run) => run.callbackOfRunId },
    { title: 'event', cell: (run) => toldOf(run, 'event') },
    { title: 'task_id', cell: (run) => toldOf(run, 'task_id') },
    { title: 'run_id', cell: (run) => run.runId },
    { title: 'state', cell: runState, colour: stateColour },
    { title: 'queued', cell: (run) => relative(fromTimestamp(run.queuedAt), nowMs) },
    { title: 'took', cell: (run) => runTook(run, nowMs), align: 'right' },
    { title: 'reason', cell: (run) => run.stateReason, wide: true },
    { title: 'context', cell: (run) => run.confJson, wide: true },
  ];
}

/** A word of the context that the callback is given; empty when it has no such word. */
function toldOf({ confJson }: DagRun, name: string): string {
  const told: unknown = parsedOf(confJson)?.['context'];
  const word: unknown = isRecord(told) ? told[name] : undefined;
  return typeof word === 'string' ? word : '';
}

function parsedOf(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // A run of another version may have been given anything.
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
