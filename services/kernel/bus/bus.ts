// The doorbell between schedulers and executors: tickets over NATS JetStream. Losing every message loses nothing.
import { toBinary } from '@bufbuild/protobuf';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { type LeaseTicket, LeaseTicketSchema } from '#gen/dagmesh/event/v1/lease_ticket_pb.ts';
import type { Clock } from '../clock/clock.ts';
import { backoffMs, jittered } from '../clock/random.ts';
import type { Log } from '../log/log.ts';
import { ensureStream, subjectOf } from './lease-stream.ts';
import { type PulledTicket, pullTickets, type TicketPull } from './ticket-pull.ts';

export type { PulledTicket, TicketPull };

/** The bus of one program. */
export type Bus = {
  /** Rings for a queue. Dropped silently while there is no connection: the scheduler rings again. Never rejects. */
  publishTicket(queue: string, ticket: LeaseTicket): Promise<void>;
  /** Pulls tickets of a queue, shared with all executors of that queue; nothing comes before `want`. */
  pullTickets(queue: string, onTicket: (ticket: PulledTicket) => void): TicketPull;
  /** True while tickets can travel. */
  connected(): boolean;
  /** Calls `run` on each change of `connected()`. */
  onConnection(run: (connected: boolean) => void): void;
  /** Ends all pulls and the connection. May be called twice. */
  close(): Promise<void>;
};

const CONNECT_TIMEOUT_MS = 3_000;
const RECONNECT_WAIT_MS = 200;
const PING_INTERVAL_MS = 10_000;
const PINGS_OUT_MAX = 2;

/**
 * Connects in the background, for ever, with jitter; answers at once. Without a `url` the bus stays silent for good and work
 * flows by direct pull. Several servers are separated by commas; `nats://token@host:port` and `nats://user:password@…` sign in.
 */
export async function connectBus(options: {
  readonly url?: string | undefined;
  readonly log: Log;
  readonly clock: Clock;
}): Promise<Bus> {
  const { url, log, clock } = options;
  const closing = new AbortController();
  const listeners = new Set<(connected: boolean) => void>();
  const reconnects = new Set<() => void>();
  const pulls = new Set<TicketPull>();
  let found = Promise.withResolvers<NatsConnection>();
  let connection: NatsConnection | undefined;
  let isConnected = false;

  const setConnected = (next: boolean) => {
    if (isConnected === next) return;
    isConnected = next;
    log.info({ connected: next }, 'bus connection changed');
    for (const listener of listeners) listener(next);
  };
  const serve = async (opened: NatsConnection) => {
    connection = opened;
    await prepare(opened, { clock, log, signal: closing.signal });
    found.resolve(opened);
    setConnected(true);
    for await (const event of opened.status()) {
      if (event.type === 'disconnect') setConnected(false);
      if (event.type !== 'reconnect') continue;
      await prepare(opened, { clock, log, signal: closing.signal });
      for (const run of reconnects) run();
      setConnected(true);
    }
    // The client gave up for good, e.g. because the server refused its credentials.
    setConnected(false);
    found = Promise.withResolvers<NatsConnection>();
  };
  const run = async (servers: NodeConnectionOptions) => {
    for (let attempt = 0; !closing.signal.aborted; attempt += 1) {
      try {
        const opened = await connect(servers);
        if (closing.signal.aborted) return await opened.close();
        attempt = 0;
        await serve(opened);
      } catch (error) {
        log.debug({ err: error }, 'bus not reachable');
      }
      await clock.sleep(backoffMs({ attempt, firstMs: 100, maxMs: 2_000 }), closing.signal);
    }
  };
  if (url !== undefined) void run(serversOf(url));

  return {
    publishTicket: async (queue, ticket) => {
      if (!isConnected) return;
      try {
        connection?.publish(subjectOf(queue), toBinary(LeaseTicketSchema, ticket));
      } catch {
        // The connection closed between the check and the call; that is what "dropped" means.
      }
    },
    pullTickets: (queue, onTicket) => {
      const pull = pullTickets({
        queue,
        onTicket,
        clock,
        log,
        connection: (signal) => waitFor(found.promise, [signal, closing.signal]),
        onReconnect: (listener) => {
          reconnects.add(listener);
          return () => void reconnects.delete(listener);
        },
      });
      pulls.add(pull);
      return pull;
    },
    connected: () => isConnected,
    onConnection: (listener) => void listeners.add(listener),
    close: async () => {
      closing.abort();
      for (const pull of pulls) pull.stop();
      setConnected(false);
      await connection?.close();
    },
  };
}

/** Makes sure of the stream, however long that takes: a server that has just started may not be ready to. */
async function prepare(
  connection: NatsConnection,
  options: { readonly clock: Clock; readonly log: Log; readonly signal: AbortSignal },
): Promise<void> {
  const { clock, log, signal } = options;
  for (let attempt = 0; !signal.aborted && !connection.isClosed(); attempt += 1) {
    try {
      await ensureStream(connection);
      return;
    } catch (error) {
      log.debug({ err: error }, 'lease stream not ready');
      await clock.sleep(backoffMs({ attempt, firstMs: 50, maxMs: 1_000 }), signal);
    }
  }
}

function waitFor<T>(promise: Promise<T>, signals: readonly AbortSignal[]): Promise<T> {
  const signal = AbortSignal.any([...signals]);
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    if (signal.aborted) return giveUp();
    signal.addEventListener('abort', giveUp);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

function serversOf(url: string): NodeConnectionOptions {
  const servers = url.split(',').map((each) => new URL(each.trim()));
  const [first] = servers;
  const user = decodeURIComponent(first?.username ?? '');
  const pass = decodeURIComponent(first?.password ?? '');
  return {
    servers: servers.map(({ host }) => host),
    ...(user !== '' && pass === '' ? { token: user } : {}),
    ...(pass === '' ? {} : { user, pass }),
    timeout: CONNECT_TIMEOUT_MS,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: () => jittered(RECONNECT_WAIT_MS),
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: PINGS_OUT_MAX,
  };
}
