// RenewLeases: workers live, and so do the attempts they hold.
import { TaskAttemptState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { CancelMode } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import type { WorkerLease } from '../../core/attempt/offer.ts';
import { renewLeases as renew } from '../../core/sweep.ts';
import type { RpcContext } from '../context.ts';

type RenewLeases = Handler<(typeof SchedulerService)['method']['renewLeases']>;

/** Attempts asked for at the ledger in one call; the rest have their turn with the next one. */
const SUSPECTS_MAX = 200;

export function renewLeases(context: RpcContext): RenewLeases {
  return async ({ workers }) => {
    const { engine } = context;
    const { monotonicMs } = engine.moment();
    const renewed = workers.map(({ workerId, attemptIds, heardAgo }) => {
      const worker: WorkerLease = { workerId, attemptIds, heardAgoMs: fromDuration(heardAgo) ?? 0 };
      return renew(engine.picture(), worker, monotonicMs);
    });
    const suspects = renewed.flatMap(({ lost }) => lost).slice(0, SUSPECTS_MAX);
    const lost = await Promise.all(
      suspects.map(async (id) => ((await isOver(context, id)) ? id : '')),
    );
    return {
      lostAttemptIds: lost.filter((attemptId) => attemptId !== ''),
      cancels: renewed.flatMap(({ cancels }) =>
        cancels.map(({ attemptId, cancel }) => ({
          attemptId,
          mode: cancel?.mode ?? CancelMode.GRACEFUL,
          reason: cancel?.reason ?? '',
        })),
      ),
    };
  };
}

/**
 * An attempt that is not here may be of a partition that moved or is being loaded: only the
 * ledger's word ends it.
 */
async function isOver({ engine, ledger }: RpcContext, attemptId: string): Promise<boolean> {
  const isKnown = () => engine.picture().attempts.has(attemptId);
  if (isKnown()) return true;
  try {
    const { attempt } = await ledger.getAttempt({ attemptId });
    return attempt?.state !== TaskAttemptState.RUNNING && !isKnown();
  } catch (error) {
    // Without the ledger's word nothing ends: the worker asks again with its next heartbeat.
    return reasonOf(error) === 'attempt_not_found' && !isKnown();
  }
}
