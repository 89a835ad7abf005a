// The connection to nats-server: made in the background, found again after each loss.
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import type { Clock } from '../clock/clock.ts';
import { backoffMs, jittered } from '../clock/random.ts';
import type { Log } from '../log/log.ts';
import { ensureStream } from './lease-stream.ts';

const CONNECT_TIMEOUT_MS = 3_000;
const RECONNECT_WAIT_MS = 200;
const PING_INTERVAL_MS = 10_000;
const PINGS_OUT_MAX = 2;

/** What the link is made of. */
export type LinkOptions = {
  /**
   * Several servers are separated by commas. Undefined: there is none, and the link stays silent.
   */
  readonly url: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
};

/**
 * The link goes: away → connected, with the stream made sure of → away → … until it is closed.
 * While away, nats.js itself looks for the server; when it gives up for good, e.g. because the
 * server refused the credentials, the link starts over.
 */
export class NatsLink {
  readonly #options: LinkOptions;
  readonly #closing = new AbortController();
  readonly #watchers = new Set<(connected: boolean) => void>();
  readonly #returns = new Set<() => void>();
  #found = Promise.withResolvers<NatsConnection>();
  #connection: NatsConnection | undefined;
  #isConnected = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    if (options.url !== undefined) void this.#keep(serversOf(options.url));
  }

  /** True while messages can travel. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Calls `run` on each change of `isConnected`. */
  onChange(run: (connected: boolean) => void): void {
    this.#watchers.add(run);
  }

  /** Calls `run` when a lost connection is back, until the answered function is called. */
  onReturn(run: () => void): () => void {
    this.#returns.add(run);
    return () => void this.#returns.delete(run);
  }

  /** The connection, once there is one. Rejects when the signal aborts or the link is closed. */
  connection(signal: AbortSignal): Promise<NatsConnection> {
    return within(this.#found.promise, AbortSignal.any([signal, this.#closing.signal]));
  }

  /** Sends, or drops silently while there is no connection. */
  publish(subject: string, bytes: Uint8Array): void {
    if (!this.#isConnected) return;
    try {
      this.#connection?.publish(subject, bytes);
    } catch (error) {
      // It closed between the check and the call: that is what "dropped" means.
      this.#options.log.debug({ err: error, subject }, 'message dropped');
    }
  }

  /** Ends it for good. May be called twice. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#setConnected(false);
    await this.#connection?.close();
  }

  async #keep(servers: NodeConnectionOptions): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#closing;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        const connection = await connect(servers);
        if (signal.aborted) return await connection.close();
        attempt = 0;
        await this.#follow(connection);
      } catch (error) {
        log.debug({ err: error }, 'bus not reachable');
      }
      await clock.sleep(backoffMs({ attempt, firstMs: 100, maxMs: 2_000 }), signal);
    }
  }

  /** Follows one connection through its losses until it is closed. */
  async #follow(connection: NatsConnection): Promise<void> {
    this.#connection = connection;
    await this.#prepare(connection);
    this.#found.resolve(connection);
    this.#setConnected(true);
    for await (const event of connection.status()) {
      if (event.type === 'disconnect') this.#setConnected(false);
      if (event.type !== 'reconnect') continue;
      await this.#prepare(connection);
      for (const run of this.#returns) run();
      this.#setConnected(true);
    }
    this.#setConnected(false);
    this.#found = Promise.withResolvers<NatsConnection>();
  }

  /** Makes sure of the stream; a server that has just started may take its time. */
  async #prepare(connection: NatsConnection): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#closing;
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

  #setConnected(isConnected: boolean): void {
    if (this.#isConnected === isConnected) return;
    this.#isConnected = isConnected;
    this.#options.log.info({ connected: isConnected }, 'bus connection changed');
    for (const watcher of this.#watchers) watcher(isConnected);
  }
}

function within<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
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
