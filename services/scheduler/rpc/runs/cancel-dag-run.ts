// CancelDagRun: fails a run and cancels what it is doing; finished runs are left alone.
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { cancelRun } from '../../core/run/runs.ts';
import { isRunFinished } from '../../core/state.ts';
import type { RpcContext } from '../context.ts';
import { findRun, requireOwned } from '../find.ts';

type CancelDagRun = Handler<(typeof SchedulerService)['method']['cancelDagRun']>;

export function cancelDagRun(context: RpcContext): CancelDagRun {
  return async ({ dagId, runId, actor }) => {
    const find = await findRun(context, { dagId, runId });
    const { dag, cancelledAttemptsCount } = await context.engine.decide((deciding, moment) => {
      const run = find(deciding.picture, moment);
      const { dag } = run;
      if (isRunFinished(run.state)) return { dag, cancelledAttemptsCount: 0 };
      deciding.changes.audits.add({ actor, action: 'cancel_dag_run', dag, runId, details: {} });
      return { dag, cancelledAttemptsCount: cancelRun(deciding, run, actor) };
    });
    requireOwned(dag);
    return { cancelledAttemptsCount };
  };
}
