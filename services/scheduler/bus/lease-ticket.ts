// Rings for executors: tickets for queued work, as many as are likely to be used, again when nobody
// answers.
import { create } from '@bufbuild/protobuf';
import { LeaseTicketSchema } from '#gen/dagmesh/event/v1/lease_ticket_pb.ts';
import type { Bus } from '#kernel/bus/bus.ts';
import type { Clock, Timer } from '#kernel/clock/clock.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Engine } from '../loops/engine.ts';
import type { Ownership } from '../loops/ownership.ts';

/** Attempts that one ticket is good for. */
const COUNT_MAX = 25;
/** Tickets of a queue that may be unanswered. */
const OUTSTANDING_MAX = 40;

/** Rings after commits; `used` says which tickets were answered. */
export type Ringer = Part & {
  ring(): void;
  used(ticketIds: readonly string[]): void;
};

type Rung = { readonly queue: string; readonly count: number; readonly atMs: number };

export function createRinger(options: {
  readonly engine: () => Engine;
  readonly ownership: Ownership;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly reringMs: number;
}): Ringer {
  const { bus, clock } = options;
  const outstanding = new Map<string, Rung>();
  let timer: Timer | undefined;
  let isStopped = true;

  const ring = () => {
    if (isStopped) return;
    const promised = countPromised(outstanding);
    for (const queue of options.engine().picture().queues.values()) {
      const known = promised.get(queue.name) ?? { tickets: 0, attempts: 0 };
      let missing = queue.ready.members.length - known.attempts;
      let tickets = known.tickets;
      while (missing > 0 && tickets < OUTSTANDING_MAX) {
        const count = Math.min(missing, COUNT_MAX);
        ringOnce(queue.name, count);
        missing -= count;
        tickets += 1;
      }
    }
    if (outstanding.size > 0) timer ??= clock.timer(options.reringMs, ringAgain);
  };

  const ringOnce = (queue: string, count: number) => {
    const ticketId = uuidV7(clock.nowMs());
    outstanding.set(ticketId, { queue, count, atMs: clock.monotonicMs() });
    const schedulerId = options.ownership.schedulerId();
    const ticket = create(LeaseTicketSchema, { ticketId, schedulerId, count });
    void bus.publishTicket(queue, ticket);
  };

  const ringAgain = () => {
    timer = undefined;
    const oldMs = clock.monotonicMs() - options.reringMs;
    for (const [ticketId, rung] of outstanding) {
      if (rung.atMs <= oldMs) outstanding.delete(ticketId);
    }
    ring();
    if (outstanding.size > 0) timer ??= clock.timer(options.reringMs, ringAgain);
  };

  return {
    name: 'ringer',
    ring,
    used: (ticketIds) => {
      for (const ticketId of ticketIds) outstanding.delete(ticketId);
    },
    start: async () => {
      isStopped = false;
      ring();
    },
    stop: async () => {
      isStopped = true;
      timer?.cancel();
    },
  };
}

function countPromised(outstanding: ReadonlyMap<string, Rung>) {
  const promised = new Map<string, { tickets: number; attempts: number }>();
  for (const { queue, count } of outstanding.values()) {
    const known = promised.get(queue) ?? { tickets: 0, attempts: 0 };
    known.tickets += 1;
    known.attempts += count;
    promised.set(queue, known);
  }
  return promised;
}
