// Pulls the tickets of one queue, one at a time and only while there is room for one more.
//
// A pull goes: idle (no room) → asking (one request waits at the server, up to 10 s) → a ticket, or nothing → again.
// Whatever goes wrong (no server, no stream, no consumer) leads to mending: make stream and consumer anew, then ask again.
// One request at a time costs one round trip per ticket (0.4 ms, and a ticket stands for up to 25 attempts); in return a
// lowered wish leaves at most one ticket too many, which is handed back at once.
import { fromBinary } from '@bufbuild/protobuf';
import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { type LeaseTicket, LeaseTicketSchema } from '#gen/dagmesh/event/v1/lease_ticket_pb.ts';
import type { Clock } from '../clock/clock.ts';
import { backoffMs } from '../clock/random.ts';
import type { Log } from '../log/log.ts';
import { ensureConsumer } from './lease-stream.ts';

/** A ticket in hand; exactly one of `ack` and `nak` counts, the first. */
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
  /** Ends the pull; tickets in hand may still be acknowledged. */
  stop(): void;
};

/** What a pull needs of the bus. */
export type PullOptions = {
  readonly queue: string;
  readonly onTicket: (ticket: PulledTicket) => void;
  /** The connection once there is one; rejects when the signal aborts. */
  readonly connection: (signal: AbortSignal) => Promise<NatsConnection>;
  /** Tells when a connection was lost and found again: what was asked before is forgotten. */
  readonly onReconnect: (run: () => void) => () => void;
  readonly clock: Clock;
  readonly log: Log;
};

/** How long one request waits at the server, in milliseconds. */
const EXPIRES_MS = 10_000;
/** Silence after which the server is asked whether it still knows the request: twice this, and it is asked anew. */
const HEARTBEAT_MS = 1_000;
/** An empty answer this early means that something is missing. */
const EARLY_MS = 500;

/** Starts pulling; nothing is asked for before `want`. */
export function pullTickets(options: PullOptions): TicketPull {
  const { clock } = options;
  const stopping = new AbortController();
  let wanted = 0;
  let inHand = 0;
  let asking: ConsumerMessages | undefined;
  let roomed = Promise.withResolvers<void>();

  const wake = () => {
    if (inHand >= wanted && !stopping.signal.aborted) return;
    roomed.resolve();
    roomed = Promise.withResolvers<void>();
  };
  const take = (message: JsMsg) => {
    if (inHand >= wanted || stopping.signal.aborted) return message.nak();
    const ticket = ticketOf(message);
    if (ticket === undefined) return message.term();
    inHand += 1;
    let isDone = false;
    const give = (back: () => void) => {
      if (isDone) return;
      isDone = true;
      inHand -= 1;
      back();
      wake();
    };
    options.onTicket({
      ticket,
      ack: () => give(() => message.ack()),
      nak: () => give(() => message.nak()),
    });
  };
  /** Asks once; true when the answer is what a healthy server gives. */
  const askOnce = async (consumer: Consumer): Promise<boolean> => {
    const askedMs = clock.monotonicMs();
    let gotOne = false;
    asking = await consumer.fetch({
      max_messages: 1,
      expires: EXPIRES_MS,
      idle_heartbeat: HEARTBEAT_MS,
    });
    try {
      for await (const message of asking) {
        gotOne = true;
        take(message);
      }
    } finally {
      asking = undefined;
    }
    return gotOne || clock.monotonicMs() - askedMs > EARLY_MS;
  };
  const run = async () => {
    let consumer: Consumer | undefined;
    let failuresCount = 0;
    while (!stopping.signal.aborted) {
      if (inHand >= wanted) {
        await roomed.promise;
        continue;
      }
      try {
        consumer ??= await ensureConsumer(await options.connection(stopping.signal), options.queue);
        if (!(await askOnce(consumer))) consumer = undefined;
        else failuresCount = 0;
      } catch (error) {
        consumer = undefined;
        options.log.debug({ queue: options.queue, err: error }, 'ticket pull failed');
      }
      if (consumer === undefined) {
        const delayMs = backoffMs({ attempt: failuresCount++, firstMs: 50, maxMs: 1_000 });
        await clock.sleep(delayMs, stopping.signal);
      }
    }
  };

  const forget = options.onReconnect(() => asking?.stop());
  void run();
  return {
    want: (ticketsMax) => {
      wanted = ticketsMax;
      wake();
    },
    stop: () => {
      stopping.abort();
      forget();
      asking?.stop();
      wake();
    },
  };
}

/** Nobody of ours sends what cannot be read; a stranger's message must not be handed out again and again. */
function ticketOf(message: JsMsg): LeaseTicket | undefined {
  try {
    return fromBinary(LeaseTicketSchema, message.data);
  } catch {
    return undefined;
  }
}
