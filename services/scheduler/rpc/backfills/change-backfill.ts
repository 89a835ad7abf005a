// ChangeBackfill: pauses, resumes or cancels a backfill.
import { create } from '@bufbuild/protobuf';
import { BackfillSchema, BackfillState } from '#gen/dagmesh/scheduler/v1/backfill_pb.ts';
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { advanceBackfills, changeBackfill as change } from '../../core/operation/backfills.ts';
import type { RpcContext } from '../context.ts';
import { learnDag, requireDag, requireOwned } from '../find.ts';

type ChangeBackfill = Handler<(typeof SchedulerService)['method']['changeBackfill']>;

export function changeBackfill(context: RpcContext): ChangeBackfill {
  return async ({ dagId, backfillId, state, actor }) => {
    await learnDag(context, dagId);
    const changed = await context.engine.decide((deciding, moment) => {
      const dag = requireDag(context, dagId);
      const backfill = dag.backfills.get(backfillId);
      if (backfill === undefined) {
        const words = `DAG "${dagId}" has no backfill "${backfillId}" that is not over`;
        throw fail('backfill_completed', `${words}; "dagmesh backfill list" shows all there were`);
      }
      if (backfill.state !== state) {
        change(deciding, dag, backfill, state);
        const details = { backfill_id: backfillId, state: nameOf(state) };
        const action = 'change_backfill';
        deciding.changes.audits.add({ actor, action, dag, runId: '', details });
        advanceBackfills(deciding, moment, dag);
      }
      return { dag, backfill };
    });
    requireOwned(changed.dag);
    return { backfill: create(BackfillSchema, { ...changed.backfill, dates: [] }) };
  };
}

function nameOf(state: BackfillState): string {
  if (state === BackfillState.PAUSED) return 'paused';
  return state === BackfillState.CANCELLED ? 'cancelled' : 'running';
}
