// The task instances that `tasks clear` and `tasks mark` are about: arguments, options, contract.
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Api } from '../../api.ts';
import { flag, parsed, required, rest } from '../../command.ts';
import { parseInstantMs } from '../../core/arguments.ts';
import { resolveRunId } from '../runs/latest.ts';

/** As a run id: all runs from --start-date to --end-date. */
const ALL = 'all';

/** The arguments. */
export const selectionArguments = {
  dagId: required('<dag-id>', 'the DAG'),
  runId: required(
    '<run-id>',
    'the run, "latest", or "all": the runs from --start-date to --end-date',
  ),
  taskIds: rest(
    '[task-ids...]',
    'the tasks, groups, or instances like task[3]; none means all tasks',
  ),
};

/** The options. */
export const selectionOptions = {
  downstream: flag('-d, --downstream', 'also everything that depends on them'),
  upstream: flag('-u, --upstream', 'also everything they depend on'),
  past: flag('--past', 'also in all runs with an earlier logical date'),
  future: flag('--future', 'also in all runs with a later logical date'),
  startDateMs: parsed(
    '-s, --start-date <instant>',
    'with "all": runs from this logical date on, ISO 8601, UTC unless it says otherwise',
    parseInstantMs,
  ),
  endDateMs: parsed(
    '-e, --end-date <instant>',
    'with "all": runs up to this logical date, inclusive',
    parseInstantMs,
  ),
};

/** What was given for them. */
type Given = {
  readonly args: {
    readonly dagId: string;
    readonly runId: string;
    readonly taskIds: readonly string[];
  };
  readonly options: {
    readonly downstream: boolean;
    readonly upstream: boolean;
    readonly past: boolean;
    readonly future: boolean;
    readonly startDateMs: number | undefined;
    readonly endDateMs: number | undefined;
  };
};

/** The selection as the contract has it. `bad_request` when the dates do not fit the run. */
export async function selectionOf(api: Api, { args, options }: Given) {
  const { startDateMs, endDateMs } = options;
  const isRange = args.runId === ALL;
  if (isRange && startDateMs === undefined && endDateMs === undefined) {
    throw fail(
      'bad_request',
      '"all" needs --start-date, --end-date, or both, which say which runs.',
    );
  }
  if (!isRange && (startDateMs !== undefined || endDateMs !== undefined)) {
    throw fail('bad_request', '--start-date and --end-date are for "all" instead of a run id.');
  }
  if (isRange && (options.past || options.future)) {
    throw fail(
      'bad_request',
      '--past and --future count from a run: give its id instead of "all".',
    );
  }
  if (startDateMs !== undefined && endDateMs !== undefined && startDateMs > endDateMs) {
    throw fail('bad_request', '--start-date lies after --end-date: exchange them.');
  }
  return {
    dagId: args.dagId,
    runId: isRange ? '' : await resolveRunId(api, args),
    taskIds: [...args.taskIds],
    includeDownstream: options.downstream,
    includeUpstream: options.upstream,
    includePast: options.past,
    includeFuture: options.future,
    ...(startDateMs === undefined ? {} : { startDate: toTimestamp(startDateMs) }),
    ...(endDateMs === undefined ? {} : { endDate: toTimestamp(endDateMs) }),
  };
}

/** How the changed tasks are seen: of the run, or of the runs of the DAG. */
export function seeThem({ dagId, runId }: { readonly dagId: string; readonly runId: string }) {
  return runId === '' ? `dagmesh runs list ${dagId}` : `dagmesh tasks list ${dagId} ${runId}`;
}
