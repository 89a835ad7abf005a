// The doorbell between schedulers and executors: tickets over NATS JetStream.
import { toBinary } from '@bufbuild/protobuf';
import { type LeaseTicket, LeaseTicketSchema } from '#gen/dagmesh/event/v1/lease_ticket_pb.ts';
import type { Clock } from '../clock/clock.ts';
import type { Log } from '../log/log.ts';
import { subjectOf } from './lease-stream.ts';
import { NatsLink } from './nats-link.ts';
import { type PulledTicket, type TicketPull, TicketPuller } from './ticket-pull.ts';

export type { PulledTicket, TicketPull };

/** The bus of one program. Losing every message on it loses nothing: the scheduler rings again. */
export type Bus = {
  /** Rings for a queue. Dropped silently while there is no connection. Never rejects. */
  publishTicket(queue: string, ticket: LeaseTicket): Promise<void>;
  /** Pulls tickets of a queue, shared with all its executors; nothing comes before `want`. */
  pullTickets(queue: string, onTicket: (ticket: PulledTicket) => void): TicketPull;
  /** True while tickets can travel. */
  connected(): boolean;
  /** Calls `run` on each change of `connected()`. */
  onConnection(run: (connected: boolean) => void): void;
  /** Ends all pulls and the connection. May be called twice. */
  close(): Promise<void>;
};

/**
 * Connects in the background, for ever, with jitter; answers at once. Without a `url` the bus stays
 * silent for good and work flows by direct pull. Several servers are separated by commas;
 * `nats://token@host:port` and `nats://user:password@host:port` sign in.
 */
export async function connectBus(options: {
  readonly url?: string | undefined;
  readonly log: Log;
  readonly clock: Clock;
}): Promise<Bus> {
  const { url, log, clock } = options;
  const link = new NatsLink({ url, log, clock });
  const pulls = new Set<TicketPull>();
  return {
    publishTicket: async (queue, ticket) =>
      link.publish(subjectOf(queue), toBinary(LeaseTicketSchema, ticket)),
    pullTickets: (queue, onTicket) => {
      const connection = (signal: AbortSignal) => link.connection(signal);
      const onReturn = (run: () => void) => link.onReturn(run);
      const pull = new TicketPuller({ queue, onTicket, connection, onReturn, clock, log });
      pulls.add(pull);
      return {
        want: (ticketsMax) => pull.want(ticketsMax),
        stop: () => {
          pulls.delete(pull);
          pull.stop();
        },
      };
    },
    connected: () => link.isConnected,
    onConnection: (run) => link.onChange(run),
    close: async () => {
      for (const pull of pulls) pull.stop();
      await link.close();
    },
  };
}
