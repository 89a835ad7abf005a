// Runs and instances that a command is about: in one run, in a range of dates, or before and after
// a run as well.
import type { TaskInstanceSelection } from '#gen/dagmesh/scheduler/v1/operation_pb.ts';
import { inParallel } from '#kernel/batch/in-parallel.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import { taskNotFound } from '#kernel/errors/not-found.ts';
import type { Instance } from '../../core/instance.ts';
import type { Run } from '../../core/run/run.ts';
import { type Selection, selectInstances, unknownId } from '../../core/operation/selection.ts';
import type { RpcContext } from '../context.ts';
import { findRun, learnDag, requireDag, type RunFinder } from '../find.ts';

/** Runs that one command may be about. */
const RUNS_MAX = 1_000;
/** Runs that are read from the ledger at once. */
const READ_AT_ONCE = 16;
/** Instances of several runs that one command may change: they go into one commit. */
const CHANGED_MAX = 100_000;
/** Instances that an answer names. */
const NAMED_MAX = 10_000;

/** The runs a selection means, to be looked up inside a decision. */
export async function findSelected(
  context: RpcContext,
  selection: TaskInstanceSelection | undefined,
): Promise<readonly RunFinder[]> {
  const dagId = selection?.dagId ?? '';
  await learnDag(context, dagId);
  requireDag(context, dagId);
  const runIds = await runIdsOf(context, dagId, selection);
  return inParallel(runIds, READ_AT_ONCE, (runId) => findRun(context, { dagId, runId }));
}

/** What a selection means in one run. */
export type Meant = { readonly run: Run; readonly instances: readonly Instance[] };

/** Throws `task_not_found` when an id of a selection names nothing in any of the runs. */
export function requireTasks(
  runs: readonly Run[],
  selection: TaskInstanceSelection | undefined,
): void {
  const [first] = runs;
  if (first === undefined) return;
  const unknown = unknownId(runs, selection?.taskIds ?? []);
  if (unknown === undefined) return;
  const { runId, dag } = first;
  throw taskNotFound({ dagId: dag.dagId, runId, what: `task "${unknown}"` });
}

/**
 * What a selection means in each run; `task_not_found` when an id names nothing in any of them,
 * `bad_request` when it is too much.
 */
export function meantIn(
  runs: readonly Run[],
  selection: TaskInstanceSelection | undefined,
  how: Pick<Selection, 'addsScope' | 'only'>,
): readonly Meant[] {
  const { taskIds = [], includeUpstream = false, includeDownstream = false } = selection ?? {};
  requireTasks(runs, selection);
  const wanted = { taskIds, includeUpstream, includeDownstream, ...how };
  const meant = runs.map((run) => ({ run, instances: selectInstances(run, wanted) }));
  const count = meant.reduce((sum, { instances }) => sum + instances.length, 0);
  if (runs.length > 1 && count > CHANGED_MAX) {
    const words = `${count} task instances of ${runs.length} runs are meant`;
    throw fail('bad_request', `${words}, more than ${CHANGED_MAX}; choose a shorter range`);
  }
  return meant;
}

/** Instances as an answer names them. */
export function keysOf(instances: readonly Instance[]) {
  const taskInstances = instances.slice(0, NAMED_MAX).map(({ run, task, mapIndex, state }) => ({
    ...{ runId: run.runId, taskId: task.taskId, mapIndex, state },
  }));
  return { taskInstances, totalCount: instances.length };
}

async function runIdsOf(
  context: RpcContext,
  dagId: string,
  selection: TaskInstanceSelection | undefined,
): Promise<readonly string[]> {
  const runId = selection?.runId ?? '';
  const isWide = selection?.includePast || selection?.includeFuture;
  const isDated = selection?.startDate !== undefined || selection?.endDate !== undefined;
  if (runId !== '' && isDated) {
    throw fail(
      'bad_request',
      'a run_id and a start_date or end_date exclude each other; leave one out',
    );
  }
  if (runId === '' && isWide) {
    throw fail('bad_request', 'include_past and include_future count from a run: give a run_id');
  }
  if (runId !== '' && !isWide) return [runId];
  const span = runId === '' ? rangeOf(selection) : await spanAround(context, dagId, selection);
  const { runs } = await context.ledger.listRuns({
    ...{ dagId, hasLogicalDate: true, limit: RUNS_MAX + 1 },
    ...(span.fromDate === undefined ? {} : { fromDate: span.fromDate }),
    ...(span.toDate === undefined ? {} : { toDate: span.toDate }),
  });
  if (runs.length > RUNS_MAX) {
    throw fail(
      'bad_request',
      `more than ${RUNS_MAX} runs are meant; choose a shorter range of dates`,
    );
  }
  const ids = runs.map((run) => run.runId);
  return runId === '' || ids.includes(runId) ? ids : [runId, ...ids];
}

function rangeOf(selection: TaskInstanceSelection | undefined) {
  const { startDate, endDate } = selection ?? {};
  if (startDate === undefined && endDate === undefined) {
    throw fail('bad_request', 'name a run, or a range of dates with start_date and end_date');
  }
  const [fromMs = -Infinity, toMs = Infinity] = [startDate, endDate].map(fromTimestamp);
  if (fromMs > toMs) throw fail('bad_request', 'start_date lies after end_date; exchange them');
  return { fromDate: startDate, toDate: endDate };
}

/** Before, after, or both, of a run with a date. */
async function spanAround(
  context: RpcContext,
  dagId: string,
  selection: TaskInstanceSelection | undefined,
) {
  const runId = selection?.runId ?? '';
  const { run } = await context.ledger.loadRun({ dagId, runId });
  if (fromTimestamp(run?.logicalDate) === undefined) {
    const words = `run "${runId}" has no logical date, so there are no runs before or after it`;
    throw fail('bad_request', words);
  }
  return {
    fromDate: selection?.includePast ? undefined : run?.logicalDate,
    toDate: selection?.includeFuture ? undefined : run?.logicalDate,
  };
}
