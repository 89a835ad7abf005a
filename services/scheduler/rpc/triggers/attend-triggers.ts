// AttendTriggers: a triggerer takes waits, as long as it listens.
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import type { RpcContext } from '../context.ts';

type AttendTriggers = Handler<(typeof SchedulerService)['method']['attendTriggers']>;

export function attendTriggers({ desk }: RpcContext): AttendTriggers {
  return ({ triggererId, capacity }, { signal }) => desk.attend(triggererId, capacity, signal);
}
