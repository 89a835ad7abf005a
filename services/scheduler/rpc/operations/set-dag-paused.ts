// SetDagPaused: shuts or opens a DAG's gate.
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { pauseDag } from '../../core/operation/pause.ts';
import type { RpcContext } from '../context.ts';
import { learnDag, requireDag, requireOwned } from '../find.ts';

type SetDagPaused = Handler<(typeof SchedulerService)['method']['setDagPaused']>;

export function setDagPaused(context: RpcContext): SetDagPaused {
  return async ({ dagId, isPaused, actor }) => {
    await learnDag(context, dagId);
    const dag = await context.engine.decide((deciding, moment) => {
      const known = requireDag(context, dagId);
      pauseDag(deciding, moment, known, { isPaused, actor });
      return known;
    });
    requireOwned(dag);
    return {};
  };
}
