// SetDagPaused: shuts or opens a DAG's gate.
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { type Deciding, schedule } from '../core/advance.ts';
import { advanceBackfills } from '../core/operation/backfills.ts';
import { instancesOf } from '../core/instance.ts';
import { setGate } from '../core/load/load.ts';
import type { Dag } from '../core/picture.ts';
import { startRuns } from '../core/run/runs.ts';
import { reschedule } from '../core/schedule/schedule.ts';
import { TaskInstanceState } from '../core/state.ts';
import type { RpcContext } from './context.ts';
import { learnDag, requireDag, requireOwned } from './find.ts';

type SetDagPaused = Handler<(typeof SchedulerService)['method']['setDagPaused']>;

export function setDagPaused(context: RpcContext): SetDagPaused {
  return async ({ dagId, isPaused, actor }) => {
    await learnDag(context, dagId);
    const paused = await context.engine.decide((deciding, moment) => {
      const dag = requireDag(context, dagId);
      if (dag.isPaused === isPaused) return dag;
      setGate(dag, isPaused);
      deciding.changes.pauses.add(dag);
      const action = isPaused ? 'pause_dag' : 'unpause_dag';
      deciding.changes.audits.add({ actor, action, dag, runId: '', details: {} });
      if (isPaused) {
        holdQueued(deciding, dag);
        return dag;
      }
      startRuns(deciding, moment, dag);
      reschedule(deciding, moment, dag);
      advanceBackfills(deciding, moment, dag);
      return dag;
    });
    requireOwned(paused);
    return {};
  };
}

/** What no worker has yet goes back behind the gate. */
function holdQueued(deciding: Deciding, dag: Dag): void {
  for (const run of dag.runs.values()) {
    for (const instance of instancesOf(run)) {
      if (instance.state === TaskInstanceState.QUEUED) schedule(deciding, instance);
    }
  }
}
