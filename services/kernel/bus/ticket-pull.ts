// Pulls the tickets of one queue, one at a time and only while there is room for one more.
//
// A pull goes: idle (no room) → asking (one request waits at the server, up to 10 s) → a ticket, or
// nothing → again. Whatever goes wrong (no server, no stream, no consumer) leads to mending: stream
// and consumer are made anew, then it asks again. One request at a time costs one round trip for
// each ticket (0.4 ms, and a ticket stands for up to 25 attempts); in return a lowered wish leaves
// at most one ticket too many, which is handed back at once.
import { fromBinary } from '@bufbuild/protobuf';
import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { type LeaseTicket, LeaseTicketSchema } from '#gen/dagmesh/event/v1/lease_ticket_pb.ts';
import type { Clock } from '../clock/clock.ts';
import { backoffMs } from '../clock/random.ts';
import type { Log } from '../log/log.ts';
import { ensureConsumer } from './lease-stream.ts';

/** A ticket in hand; of `ack` and `nak` the first call counts. */
export type PulledTicket = {
  readonly ticket: LeaseTicket;
  /** It was used or found empty: it is gone for good. */
  ack(): void;
  /** It could not be used here: another executor gets it at once. */
  nak(): void;
};

/** A pull that goes on until it is stopped. */
export type TicketPull = {
  /** How many tickets may be in hand at once; 0 pauses. */
  want(ticketsMax: number): void;
  /** Ends the pull; tickets in hand may still be acknowledged. May be called twice. */
  stop(): void;
};

/** What a pull needs of the bus. */
export type PullOptions = {
  readonly queue: string;
  readonly onTicket: (ticket: PulledTicket) => void;
  /** The connection once there is one; rejects when the signal aborts. */
  readonly connection: (signal: AbortSignal) => Promise<NatsConnection>;
  /** Tells that a lost connection is back: what was asked before is forgotten. */
  readonly onReturn: (run: () => void) => () => void;
  readonly clock: Clock;
  readonly log: Log;
};

/** How long one request waits at the server, in milliseconds. */
const EXPIRES_MS = 10_000;
/**
 * The server says this often that it still knows the request; after two silences it is asked anew.
 */
const HEARTBEAT_MS = 1_000;
/** An empty answer this early means that something is missing. */
const EARLY_MS = 500;

/** The pull of one queue. */
export class TicketPuller implements TicketPull {
  readonly #options: PullOptions;
  readonly #stopping = new AbortController();
  readonly #forget: () => void;
  #wanted = 0;
  #inHandCount = 0;
  #asking: ConsumerMessages | undefined;
  #roomed = Promise.withResolvers<void>();

  /** Starts at once; nothing is asked for before `want`. */
  constructor(options: PullOptions) {
    this.#options = options;
    this.#forget = options.onReturn(() => this.#asking?.stop());
    void this.#run();
  }

  want(ticketsMax: number): void {
    this.#wanted = ticketsMax;
    this.#wake();
  }

  stop(): void {
    this.#stopping.abort();
    this.#forget();
    this.#asking?.stop();
    this.#wake();
  }

  async #run(): Promise<void> {
    const { clock, log, queue } = this.#options;
    const { signal } = this.#stopping;
    let consumer: Consumer | undefined;
    let failuresCount = 0;
    while (!signal.aborted) {
      if (!this.#hasRoom()) {
        await this.#roomed.promise;
        continue;
      }
      try {
        consumer ??= await ensureConsumer(await this.#options.connection(signal), queue);
        if (await this.#ask(consumer)) failuresCount = 0;
        else consumer = undefined;
      } catch (error) {
        consumer = undefined;
        log.debug({ queue, err: error }, 'ticket pull failed');
      }
      if (consumer !== undefined) continue;
      await clock.sleep(backoffMs({ attempt: failuresCount, firstMs: 50, maxMs: 1_000 }), signal);
      failuresCount += 1;
    }
  }

  /** Asks once; true when the answer is what a healthy server gives. */
  async #ask(consumer: Consumer): Promise<boolean> {
    const { clock } = this.#options;
    const askedMs = clock.monotonicMs();
    const terms = { max_messages: 1, expires: EXPIRES_MS, idle_heartbeat: HEARTBEAT_MS };
    let gotOne = false;
    this.#asking = await consumer.fetch(terms);
    try {
      for await (const message of this.#asking) {
        gotOne = true;
        this.#take(message);
      }
    } finally {
      this.#asking = undefined;
    }
    return gotOne || clock.monotonicMs() - askedMs > EARLY_MS;
  }

  #take(message: JsMsg): void {
    if (!this.#hasRoom() || this.#stopping.signal.aborted) return message.nak();
    const ticket = ticketOf(message);
    if (ticket === undefined) return message.term();
    this.#inHandCount += 1;
    let isGiven = false;
    const give = (answer: () => void) => {
      if (isGiven) return;
      isGiven = true;
      this.#inHandCount -= 1;
      answer();
      this.#wake();
    };
    this.#options.onTicket({
      ticket,
      ack: () => give(() => message.ack()),
      nak: () => give(() => message.nak()),
    });
  }

  #hasRoom(): boolean {
    return this.#inHandCount < this.#wanted;
  }

  #wake(): void {
    if (!this.#hasRoom() && !this.#stopping.signal.aborted) return;
    this.#roomed.resolve();
    this.#roomed = Promise.withResolvers<void>();
  }
}

/** Nobody of ours sends what cannot be read; a stranger's message must not come again and again. */
function ticketOf(message: JsMsg): LeaseTicket | undefined {
  try {
    return fromBinary(LeaseTicketSchema, message.data);
  } catch {
    return undefined;
  }
}
