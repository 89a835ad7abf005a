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
import type { Dag } from '../../core/dag.ts';
import { admitNow } from '../../core/deciding.ts';
import type { Picture } from '../../core/picture.ts';
import { attemptStateOf, recordOutcome } from '../../core/attempt/outcomes.ts';
import { isLive, leaseInto } from '../../core/attempt/leases.ts';
import type { RpcContext } from '../context.ts';
import { requireOwned } from '../find.ts';
import { leaseOf } from './lease.ts';
import { returnLeases } from './return-leases.ts';

type ReportAttempts = Handler<(typeof SchedulerService)['method']['reportAttempts']>;

/** Attempts that the ledger is asked about at once. */
const ASKED_AT_ONCE = 16;
const STALE_REASON = 'the attempt was superseded; its outcome changed nothing';

export function reportAttempts(context: RpcContext): ReportAttempts {
  const { engine, events, startWithinMs } = context;
  return async ({ executorId, outcomes, offers }, { signal }) => {
    const earlier = await recordedEarlier(context, outcomes);
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
    const isLost = decided.dags.some((dag) => !dag.isOwned);
    if (isLost || signal.aborted) returnLeases(engine, decided.leased);
    for (const dag of decided.dags) requireOwned(dag);
    const results = outcomes.map(({ attemptId }, index) => {
      const recording = decided.recordings[index];
      const isRecorded = recording === 'recorded' || earlier.has(attemptId);
      return isRecorded
        ? { attemptId, status: AttemptStatus.RECORDED, reason: '' }
        : { attemptId, status: AttemptStatus.STALE, reason: STALE_REASON };
    });
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
 * The attempts that nothing is known of here and whose outcome the ledger has already. Asked before
 * anything is decided: when it turns out that another owner must be asked, nobody has been leased
 * anything yet.
 */
async function recordedEarlier(
  context: RpcContext,
  outcomes: readonly AttemptOutcome[],
): Promise<ReadonlySet<string>> {
  const { attempts, endedAttempts } = context.engine.picture();
  const unknown = outcomes.filter(
    ({ attemptId }) => !attempts.has(attemptId) && !endedAttempts.has(attemptId),
  );
  const recorded = new Set<string>();
  const askNext = async () => {
    for (let next = unknown.pop(); next !== undefined; next = unknown.pop()) {
      if (await wasRecorded(context, next)) recorded.add(next.attemptId);
    }
  };
  await Promise.all(Array.from({ length: ASKED_AT_ONCE }, askNext));
  return recorded;
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
