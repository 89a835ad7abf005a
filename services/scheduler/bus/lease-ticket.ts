// Rings for executors: tickets for queued work, as many as are likely to be used, again when nobody
// answers.
import { create } from '@bufbuild/protobuf';
import { LeaseTicketSchema } from '#gen/dagmesh/event/v1/lease_ticket_pb.ts';
import type { Bus } from '#kernel/bus/bus.ts';
import type { Clock, Timer } from '#kernel/clock/clock.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Engine } from '../loops/commit/engine.ts';
import type { Ownership } from '../loops/commit/ownership.ts';

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

export type RingerOptions = {
  readonly engine: () => Pick<Engine, 'picture'>;
  readonly ownership: Pick<Ownership, 'schedulerId'>;
  readonly bus: Pick<Bus, 'publishTicket'>;
  readonly clock: Clock;
  /** After this long without an answer a ticket is thought to be lost. */
  readonly reringMs: number;
};

/** A ringer that is silent until it is started. */
export function createRinger(options: RingerOptions): Ringer {
  const ringer = new TicketRinger(options);
  return {
    name: 'ringer',
    ring: () => ringer.ring(),
    used: (ticketIds) => ringer.used(ticketIds),
    start: async () => ringer.start(),
    stop: async () => ringer.stop(),
  };
}

class TicketRinger {
  readonly #options: RingerOptions;
  readonly #outstanding = new Map<string, Rung>();
  #timer: Timer | undefined;
  #isStopped = true;

  constructor(options: RingerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isStopped = false;
    this.ring();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  used(ticketIds: readonly string[]): void {
    for (const ticketId of ticketIds) this.#outstanding.delete(ticketId);
  }

  ring(): void {
    if (this.#isStopped) return;
    const promised = countPromised(this.#outstanding);
    for (const queue of this.#options.engine().picture().queues.values()) {
      const known = promised.get(queue.name) ?? { tickets: 0, attempts: 0 };
      let missing = queue.ready.count - known.attempts;
      let tickets = known.tickets;
      while (missing > 0 && tickets < OUTSTANDING_MAX) {
        const count = Math.min(missing, COUNT_MAX);
        this.#ringOnce(queue.name, count);
        missing -= count;
        tickets += 1;
      }
    }
    if (this.#outstanding.size > 0) this.#setTimer();
  }

  #ringOnce(queue: string, count: number): void {
    const { bus, clock, ownership } = this.#options;
    const ticketId = uuidV7(clock.nowMs());
    this.#outstanding.set(ticketId, { queue, count, atMs: clock.monotonicMs() });
    const schedulerId = ownership.schedulerId();
    void bus.publishTicket(queue, create(LeaseTicketSchema, { ticketId, schedulerId, count }));
  }

  #setTimer(): void {
    this.#timer ??= this.#options.clock.timer(this.#options.reringMs, () => this.#ringAgain());
  }

  #ringAgain(): void {
    this.#timer = undefined;
    const oldMs = this.#options.clock.monotonicMs() - this.#options.reringMs;
    for (const [ticketId, rung] of this.#outstanding) {
      if (rung.atMs <= oldMs) this.#outstanding.delete(ticketId);
    }
    this.ring();
  }
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
