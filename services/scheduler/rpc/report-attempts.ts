// ReportAttempts: records outcomes and what they unlock, and leases into the freed slots, in one
// commit.
import { TaskAttemptState } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type {
  AttemptOutcome,
  SchedulerService,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { AttemptStatus } from '#gen/dagmesh/worker/v1/worker_service_pb.ts';
import { reasonOf } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { admitNow } from '../core/advance.ts';
import { attemptStateOf, recordOutcome } from '../core/attempts.ts';
import { isLive, leaseInto } from '../core/leases.ts';
import type { Dag, Picture } from '../core/picture.ts';
import type { RpcContext } from './context.ts';
import { requireOwned } from './find.ts';
import { leaseOf } from './lease.ts';

type ReportAttempts = Handler<(typeof SchedulerService)['method']['reportAttempts']>;

const STALE_REASON = 'the attempt was superseded; its outcome changed nothing';

export function reportAttempts(context: RpcContext): ReportAttempts {
  const { engine, events, startWithinMs } = context;
  return async ({ executorId, outcomes, offers }) => {
    const decided = await engine.decide((deciding, moment) => {
      const { picture, changes } = deciding;
      const dags = outcomes.flatMap(({ attemptId }) => dagOf(picture, attemptId));
      const recordings = outcomes.map((outcome) => recordOutcome(deciding, outcome));
      admitNow(deciding);
      return {
        dags,
        recordings,
        leased: leaseInto(picture, changes, { executorId, offers }, moment),
      };
    });
    for (const dag of decided.dags) requireOwned(dag);
    const results = await Promise.all(
      outcomes.map(async (outcome, index) => {
        const recording = decided.recordings[index] ?? 'unknown';
        const isRecorded =
          recording === 'recorded' ||
          (recording === 'unknown' && (await wasRecorded(context, outcome)));
        const { attemptId } = outcome;
        return isRecorded
          ? { attemptId, status: AttemptStatus.RECORDED, reason: '' }
          : { attemptId, status: AttemptStatus.STALE, reason: STALE_REASON };
      }),
    );
    const leases = decided.leased.filter(isLive);
    events.recorded(outcomes.length);
    events.leased(leases.length);
    return { results, leases: leases.map((attempt) => leaseOf(attempt, startWithinMs)) };
  };
}

function dagOf(picture: Picture, attemptId: string): Dag[] {
  const attempt = picture.attempts.get(attemptId);
  return attempt === undefined ? [] : [attempt.instance.run.dag];
}

/**
 * Whether the ledger has this very outcome. An attempt that lives in the ledger but not here
 * belongs to a partition that is not ours, or not yet: its owner must be asked, so that is an error
 * and not "stale".
 */
async function wasRecorded(context: RpcContext, outcome: AttemptOutcome): Promise<boolean> {
  const { attemptId } = outcome;
  try {
    const { attempt, taskInstance } = await context.ledger.getAttempt({ attemptId });
    if (attempt?.state === TaskAttemptState.RUNNING) {
      context.ownership.requireDag(taskInstance?.dagId ?? '');
    }
    return attempt?.state === attemptStateOf(outcome.end);
  } catch (error) {
    if (reasonOf(error) === 'attempt_not_found') return false;
    throw error;
  }
}
