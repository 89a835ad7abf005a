// LeaseAttempts: the best queued attempts for the offered slots, at once or as soon as there are
// some.
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import { fail } from '#kernel/errors/errors.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { isLive, leaseInto } from '../../core/attempt/leases.ts';
import type { Attempt } from '../../core/attempt/attempt.ts';
import type { LeaseWaiter } from '../../core/attempt/offer.ts';
import type { RpcContext } from '../context.ts';
import { leaseOf } from './lease.ts';
import { returnLeases } from './return-leases.ts';

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
    const waiter: LeaseWaiter = { executorId, offers, leases: [] };
    let waiting: Promise<readonly Attempt[]> | undefined;
    const leaving = new AbortController();
    const until = AbortSignal.any([signal, leaving.signal]);
    const decision = engine.decide(({ picture, changes }, moment) => {
      const leases = leaseInto(picture, changes, { executorId, offers }, moment);
      // In the same turn: what becomes ready from here on must find the waiter.
      if (leases.length === 0 && waitMs > 0) {
        waiting = engine.waitForLeases(waiter, { ms: waitMs, signal: until });
      }
      return leases;
    });
    const decided = await decision.catch((error: unknown) => {
      // Nobody hears of what it gets from here on.
      leaving.abort();
      void waiting?.then((leases) => returnLeases(engine, leases));
      throw error;
    });
    const attempts = waiting === undefined ? decided.filter(isLive) : await waiting;
    if (signal.aborted) {
      returnLeases(engine, attempts);
      throw fail('cancelled', 'the caller is gone; what it was leased is offered again');
    }
    events.leased(attempts.length);
    return { leases: attempts.map((attempt) => leaseOf(attempt, startWithinMs)) };
  };
}
