// ReportTriggers: what waits have come to, and that a triggerer lives.
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import type { RpcContext } from '../context.ts';

type ReportTriggers = Handler<(typeof SchedulerService)['method']['reportTriggers']>;

export function reportTriggers({ desk }: RpcContext): ReportTriggers {
  return async ({ triggererId, events, untrueWaitIds }) => ({
    lostWaitIds: [...(await desk.report(triggererId, events, untrueWaitIds))],
  });
}
