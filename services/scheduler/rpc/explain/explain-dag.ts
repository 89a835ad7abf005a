// ExplainDag: why a DAG has no (further) runs, and which come next.
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { toTimestamp } from '#kernel/clock/timestamp.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { explainDag as explain } from '../../core/explain/dag.ts';
import type { NextRun } from '../../core/dag.ts';
import type { RpcContext } from '../context.ts';
import { learnDag, requireDag } from '../find.ts';

type ExplainDag = Handler<(typeof SchedulerService)['method']['explainDag']>;

export function explainDag(context: RpcContext): ExplainDag {
  return async ({ dagId, nextRuns: count }) => {
    await learnDag(context, dagId);
    const dag = requireDag(context, dagId);
    const { nextRuns, blockers, ...rest } = explain(dag, context.engine.moment().nowMs, count);
    return {
      ...rest,
      blockers: blockers.map(({ untilMs, ...blocker }) => ({
        ...blocker,
        ...(untilMs === undefined ? {} : { until: toTimestamp(untilMs) }),
      })),
      nextRuns: nextRuns.map(plannedRun),
    };
  };
}

function plannedRun(run: NextRun) {
  const { logicalDateMs, intervalStartMs, intervalEndMs, runAfterMs, partitionKey = '' } = run;
  return {
    ...(logicalDateMs === undefined ? {} : { logicalDate: toTimestamp(logicalDateMs) }),
    ...(intervalStartMs === undefined ? {} : { dataIntervalStart: toTimestamp(intervalStartMs) }),
    ...(intervalEndMs === undefined ? {} : { dataIntervalEnd: toTimestamp(intervalEndMs) }),
    runAfter: toTimestamp(runAfterMs),
    partitionKey,
  };
}
