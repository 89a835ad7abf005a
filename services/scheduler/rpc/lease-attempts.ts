// LeaseAttempts: the best queued attempts for the offered slots, at once or as soon as there are
// some.
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { isLive, leaseInto } from '../core/leases.ts';
import type { LeaseWaiter } from '../core/picture.ts';
import type { RpcContext } from './context.ts';
import { leaseOf } from './lease.ts';

type LeaseAttempts = Handler<(typeof SchedulerService)['method']['leaseAttempts']>;

export function leaseAttempts({
  engine,
  ringer,
  events,
  startWithinMs,
}: RpcContext): LeaseAttempts {
  return async (request, { signal }) => {
    ringer.used(request.ticketIds);
    const { executorId, offers } = request;
    const waitMs = fromDuration(request.wait) ?? 0;
    const decided = await engine.decide(({ picture, changes }, moment) =>
      leaseInto(picture, changes, { executorId, offers }, moment),
    );
    let attempts = decided.filter(isLive);
    if (attempts.length === 0 && waitMs > 0) {
      const waiter: LeaseWaiter = { executorId, offers, leases: [] };
      attempts = [...(await engine.waitForLeases(waiter, { ms: waitMs, signal }))];
    }
    events.leased(attempts.length);
    return { leases: attempts.map((attempt) => leaseOf(attempt, startWithinMs)) };
  };
}
