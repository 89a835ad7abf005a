// MarkDagRun: sets the state of a run by hand.
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { clearInstances } from '../../core/operation/clear.ts';
import { instancesOf } from '../../core/instance.ts';
import { markRun, plannedMarks } from '../../core/operation/mark.ts';
import { plantIfBare } from '../../core/run/runs.ts';
import { DagRunState } from '../../core/state.ts';
import type { RpcContext } from '../context.ts';
import { findRun, requireOwned } from '../find.ts';
import { keysOf } from '../operations/selected.ts';

type MarkDagRun = Handler<(typeof SchedulerService)['method']['markDagRun']>;

export function markDagRun(context: RpcContext): MarkDagRun {
  return async ({ dagId, runId, state, dryRun, actor }) => {
    const find = await findRun(context, { dagId, runId });
    const marked = await context.engine.decide((deciding, moment) => {
      const run = find(deciding.picture, moment);
      plantIfBare(deciding, run);
      const wanted = state === DagRunState.SUCCESS ? DagRunState.SUCCESS : DagRunState.FAILED;
      const isQueued = state === DagRunState.QUEUED;
      const instances = isQueued ? [...instancesOf(run)] : [...plannedMarks(run, wanted).keys()];
      const answer = { run, ...keysOf(instances) };
      if (dryRun) return answer;
      if (isQueued) clearInstances(deciding, moment, run, instances);
      else markRun(deciding, run, wanted, actor);
      const details = { state: isQueued ? 'queued' : nameOf(wanted), count: instances.length };
      const action = 'mark_dag_run';
      deciding.changes.audits.add({ actor, action, dag: run.dag, runId, details });
      return answer;
    });
    requireOwned(marked.run.dag);
    return { taskInstances: marked.taskInstances, state: marked.run.state };
  };
}

function nameOf(state: DagRunState): string {
  return state === DagRunState.SUCCESS ? 'success' : 'failed';
}
