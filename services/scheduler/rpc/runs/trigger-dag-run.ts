// TriggerDagRun: creates a run because somebody wants it.
import type {
  SchedulerService,
  TriggerDagRunRequest,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import type { Dag } from '../../core/dag.ts';
import type { Deciding } from '../../core/deciding.ts';
import type { Moment, Receipt } from '../../core/picture.ts';
import { createRun } from '../../core/run/runs.ts';
import type { RpcContext } from '../context.ts';
import { learnDag, requireDag, requireOwned } from '../find.ts';
import { findReceipt, giveReceipt } from '../receipts.ts';
import { requestedRun } from './requested-run.ts';

type TriggerDagRun = Handler<(typeof SchedulerService)['method']['triggerDagRun']>;

export function triggerDagRun(context: RpcContext): TriggerDagRun {
  return async (request) => {
    await learnDag(context, request.dagId);
    const receipt = await context.engine.decide((deciding, moment) => {
      const dag = requireDag(context, request.dagId);
      const { requestId, dagId } = request;
      const known = findReceipt(deciding.picture, { requestId, dagId, makesRun: true });
      return known ?? trigger(deciding, moment, dag, request, context.runIdPattern);
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
  runIdPattern: RegExp | undefined,
): Receipt {
  if (!dag.isActive) {
    const words = `no file declares DAG "${dag.dagId}" any more; bring it back to run the DAG`;
    throw fail('dag_not_found', words);
  }
  const requested = requestedRun(dag, moment, request, runIdPattern);
  const { runId } = requested;
  if (dag.runs.has(runId)) throw runExists(dag.dagId, runId);
  const run = createRun(deciding, moment, dag, requested);
  const { requestId, actor } = request;
  const { dagId } = dag;
  const receipt = { requestId, dagId, dagRunId: run.id, runId, atMs: moment.nowMs, run };
  giveReceipt(deciding, dag, receipt);
  deciding.changes.audits.add({ actor, action: 'trigger_dag_run', dag, runId, details: {} });
  return receipt;
}

function runExists(dagId: string, runId: string): Error {
  const words = `DAG "${dagId}" has a run "${runId}", or one of that logical date, already`;
  return fail(
    'run_exists',
    `${words}; choose another run id, or run it again: dagmesh runs clear ${dagId} ${runId}`,
  );
}
