// TriggerDagRun: creates a run because somebody wants it.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type {
  SchedulerService,
  TriggerDagRunRequest,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fromTimestamp } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { nextRun } from '#kernel/timetable/timetable.ts';
import type { Deciding } from '../core/advance.ts';
import { keepReceipt } from '../core/load.ts';
import type { Dag, Moment, Receipt } from '../core/picture.ts';
import { createRun } from '../core/runs.ts';
import { isoInstant } from '../core/schedule.ts';
import { mergeParams } from '../params/merge-params.ts';
import type { RpcContext } from './context.ts';
import { learnDag, requireDag, requireOwned } from './find.ts';

type TriggerDagRun = Handler<(typeof SchedulerService)['method']['triggerDagRun']>;

export function triggerDagRun(context: RpcContext): TriggerDagRun {
  return async (request) => {
    await learnDag(context, request.dagId);
    const receipt = await context.engine.decide((deciding, moment) => {
      const dag = requireDag(context, request.dagId);
      const known = deciding.picture.receipts.get(request.requestId);
      return known ?? trigger(deciding, moment, dag, request);
    });
    if (receipt.run !== undefined) requireOwned(receipt.run.dag);
    if (receipt.run?.isRefused) throw runExists(request.dagId, receipt.runId);
    return { runId: receipt.runId, dagRunId: receipt.dagRunId };
  };
}

function trigger(
  deciding: Deciding,
  moment: Moment,
  dag: Dag,
  request: TriggerDagRunRequest,
): Receipt {
  if (!dag.isActive) {
    const words = `the file of DAG "${dag.dagId}" is gone; bring it back to run the DAG`;
    throw fail('dag_not_found', words);
  }
  const confJson = mergeParams(dag.version.params, request.confJson);
  const runId = request.runId || nextManualId(dag, moment.nowMs);
  if (dag.runs.has(runId)) throw runExists(dag.dagId, runId);
  const logicalDateMs = fromTimestamp(request.logicalDate);
  const run = createRun(deciding, moment, dag, {
    runId,
    runType: RunType.MANUAL,
    logicalDateMs,
    ...intervalOf(dag, logicalDateMs),
    runAfterMs: moment.nowMs,
    confJson,
    triggeredBy: request.actor,
  });
  const { requestId, actor } = request;
  const { dagId } = dag;
  const receipt = { requestId, dagId, dagRunId: run.id, runId, atMs: moment.nowMs, run };
  keepReceipt(deciding.picture, receipt);
  deciding.changes.receipts.add(receipt);
  deciding.changes.audits.add({ actor, action: 'trigger_dag_run', dag, runId, details: {} });
  return receipt;
}

/**
 * The interval of the run that the timetable would make for this date; a point where it makes none.
 */
function intervalOf(dag: Dag, logicalDateMs: number | undefined) {
  if (logicalDateMs === undefined) return { intervalStartMs: undefined, intervalEndMs: undefined };
  const { timetable } = dag.version;
  const asked = { startMs: logicalDateMs, catchup: true, nowMs: logicalDateMs };
  const made = timetable === undefined ? undefined : nextRun(timetable, asked);
  return made?.logicalDateMs === logicalDateMs
    ? { intervalStartMs: made.intervalStartMs, intervalEndMs: made.intervalEndMs }
    : { intervalStartMs: logicalDateMs, intervalEndMs: logicalDateMs };
}

/** `manual__<now>`; two triggers within a millisecond get different instants. */
function nextManualId(dag: Dag, nowMs: number): string {
  dag.lastManualMs = Math.max(nowMs, dag.lastManualMs + 1);
  return `manual__${isoInstant(dag.lastManualMs)}`;
}

function runExists(dagId: string, runId: string): Error {
  const words = `DAG "${dagId}" has a run "${runId}", or one of that logical date, already`;
  return fail('run_exists', `${words}; choose another run id, or clear that run to run it again`);
}
