// Work by doorbell: pulls lease tickets of the queues that have free slots, and takes each to the
// scheduler that rang.
//
// A ticket is pulled → served (its scheduler is asked for leases for every free slot of the queue)
// → acknowledged. When no slot is free by then it is parked for a moment and served by the next
// slot that falls free, else handed back. While slots are refilled by the answers to reports, one
// ticket is looked out for, so that a second scheduler is not starved by the first.
import type { Bus, PulledTicket, TicketPull } from '#kernel/bus/bus.ts';
import type { Clock } from '#kernel/clock/clock.ts';
import { jittered } from '#kernel/clock/random.ts';
import type { SchedulerPeer, Topology } from '#kernel/rpc/topology.ts';
import type { Intake } from '../attempts/intake.ts';
import { idleSlots, idleSlotsByQueue, takeOffers } from '../core/credit.ts';
import type { Roster, WorkerEntry } from '../core/roster.ts';
import type { ExecutorEvents } from '../events.ts';

/** What the puller works with. */
export type TicketPullerOptions = {
  readonly roster: Roster;
  readonly bus: Pick<Bus, 'pullTickets' | 'connected'>;
  readonly topology: Pick<Topology, 'schedulers'>;
  readonly intake: Intake;
  readonly clock: Clock;
  readonly events: ExecutorEvents;
};

/** Most attempts one ticket stands for. */
const TICKET_COUNT_MAX = 25;

/** Most tickets of one queue in hand. */
const TICKETS_MAX = 8;

/** How long a ticket may wait here for a slot; others may have one. */
const PARKED_MS = 250;

/**
 * How long a ticket is kept after its scheduler could not be asked, so that it does not go round in
 * circles.
 */
const FAILED_MS = 200;

/** Most slots of one question, so that its answer stays a message of bearable size. */
const SLOTS_MAX = 500;

type QueuePull = {
  readonly pull: TicketPull;
  readonly parked: Set<PulledTicket>;
  /** Until when a ticket is looked out for although no slot is free, monotonic. */
  lookoutUntilMs: number;
};

/** Pulls tickets. */
export class TicketPuller {
  readonly #options: TicketPullerOptions;
  readonly #pulls = new Map<string, QueuePull>();
  readonly #stopping = new AbortController();
  #isPoked = false;

  /** Pulls nothing before the first poke. */
  constructor(options: TicketPullerOptions) {
    this.#options = options;
  }

  /** Free slots, workers or queues have changed: looks again what to pull, once per turn. */
  poke(): void {
    if (this.#isPoked) return;
    this.#isPoked = true;
    queueMicrotask(() => this.#look());
  }

  /**
   * False while a ticket waits for a slot such as this worker's; with one scheduler it would lead
   * to the same work.
   */
  mayHop(worker: WorkerEntry): boolean {
    const { topology, bus, clock } = this.#options;
    if (topology.schedulers().length < 2 || !bus.connected()) return true;
    for (const queue of worker.queues) {
      const pull = this.#pulls.get(queue);
      if (pull === undefined) continue;
      pull.lookoutUntilMs = clock.monotonicMs() + PARKED_MS;
      if (pull.parked.size > 0) return false;
    }
    return true;
  }

  /** Hands back what is parked and pulls no more. */
  stop(): void {
    this.#stopping.abort();
    for (const [queue, pull] of this.#pulls) this.#close(queue, pull);
  }

  #look(): void {
    this.#isPoked = false;
    if (this.#stopping.signal.aborted) return;
    const queues = idleSlotsByQueue(this.#options.roster);
    for (const [queue, idle] of queues) this.#lookAt(queue, idle);
    for (const [queue, pull] of this.#pulls) if (!queues.has(queue)) this.#close(queue, pull);
  }

  #lookAt(queue: string, idle: number): void {
    const { bus, clock } = this.#options;
    const free = bus.connected() ? idle : 0;
    const known = this.#pulls.get(queue);
    if (free > 0 && known !== undefined) this.#serveParked(queue, known);
    const isLookingOut = (known?.lookoutUntilMs ?? 0) > clock.monotonicMs();
    const wanted = Math.min(TICKETS_MAX, Math.ceil(free / TICKET_COUNT_MAX));
    const pull = known ?? (wanted > 0 ? this.#open(queue) : undefined);
    pull?.pull.want(Math.max(wanted, isLookingOut ? 1 : 0));
  }

  #open(queue: string): QueuePull {
    const { bus } = this.#options;
    const pull: QueuePull = {
      pull: bus.pullTickets(queue, (ticket) => this.#onTicket(queue, pull, ticket)),
      parked: new Set(),
      lookoutUntilMs: 0,
    };
    this.#pulls.set(queue, pull);
    return pull;
  }

  #close(queue: string, { pull, parked }: QueuePull): void {
    this.#pulls.delete(queue);
    for (const ticket of parked) ticket.nak();
    parked.clear();
    pull.stop();
  }

  #onTicket(queue: string, pull: QueuePull, ticket: PulledTicket): void {
    const { roster, clock, events } = this.#options;
    const scheduler = this.#schedulerOf(ticket.ticket.schedulerId);
    if (scheduler === undefined) {
      // Its scheduler is gone, and with it what the ticket meant; whoever took over rings again.
      events.ticket('unknown_scheduler');
      return ticket.ack();
    }
    if (idleSlots(roster, queue) > 0) return void this.#serve(queue, scheduler, [ticket]);
    pull.parked.add(ticket);
    clock.timer(PARKED_MS, () => {
      if (!pull.parked.delete(ticket)) return;
      events.ticket('handed_back');
      // Looked at first: with the wish lowered, the ticket does not come straight back.
      this.#lookAt(queue, idleSlots(roster, queue));
      ticket.nak();
    });
  }

  #serveParked(queue: string, { parked }: QueuePull): void {
    const byScheduler = Map.groupBy(parked, ({ ticket }) => ticket.schedulerId);
    for (const [schedulerId, tickets] of byScheduler) {
      if (idleSlots(this.#options.roster, queue) === 0) return;
      for (const ticket of tickets) parked.delete(ticket);
      const scheduler = this.#schedulerOf(schedulerId);
      if (scheduler !== undefined) void this.#serve(queue, scheduler, tickets);
      else for (const ticket of tickets) ticket.ack();
    }
  }

  async #serve(
    queue: string,
    scheduler: SchedulerPeer,
    tickets: readonly PulledTicket[],
  ): Promise<void> {
    const { roster, intake, clock, events } = this.#options;
    const { signal } = this.#stopping;
    const offers = takeOffers(roster, { queue, slotsMax: SLOTS_MAX });
    const ticketIds = tickets.map(({ ticket }) => ticket.ticketId);
    try {
      const count = await intake.ask(scheduler, offers, { ticketIds, signal });
      events.ticket(count > 0 ? 'used' : 'empty');
      for (const ticket of tickets) ticket.ack();
    } catch (error) {
      events.askFailed(scheduler.id, error);
      await clock.sleep(jittered(FAILED_MS), signal);
      for (const ticket of tickets) ticket.nak();
    }
  }

  #schedulerOf(schedulerId: string): SchedulerPeer | undefined {
    return this.#options.topology.schedulers().find(({ id }) => id === schedulerId);
  }
}
