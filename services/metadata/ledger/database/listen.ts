// A connection of its own that hears PostgreSQL's notices.
import pg from 'pg';
import { asDoorError } from './database-error.ts';

/** A connection that listens. */
export type Listening = {
  /** Resolves when it is lost or closed; never rejects. */
  readonly ended: Promise<void>;
  /** Asks the server for a sign of life; rejects when none comes in time. */
  ping(): Promise<void>;
  /** Closes it. May be called twice. */
  close(): Promise<void>;
};

const CONNECT_TIMEOUT_MS = 5_000;
/** A server that takes longer than this to answer `select 1` is taken for dead. */
const PING_TIMEOUT_MS = 5_000;

/**
 * Connects and listens on the channels; rejects with `database_unavailable`. Nothing is missed from
 * its return on.
 */
export async function listen(
  url: string,
  channels: readonly string[],
  onNotice: (channel: string, payload: string) => void,
): Promise<Listening> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'dagmesh-listen',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: PING_TIMEOUT_MS,
    keepAlive: true,
  });
  const ended = Promise.withResolvers<void>();
  client.on('error', () => ended.resolve());
  client.on('end', () => ended.resolve());
  client.on('notification', ({ channel, payload }) => onNotice(channel, payload ?? ''));
  const close = async () => {
    ended.resolve();
    await client.end().catch(() => undefined);
  };
  try {
    await client.connect();
    for (const channel of channels)
      await client.query(`listen ${client.escapeIdentifier(channel)}`);
  } catch (error) {
    await close();
    throw asDoorError(error);
  }
  return {
    ended: ended.promise,
    ping: async () => {
      await client.query('select 1').catch((error: unknown) => {
        throw asDoorError(error);
      });
    },
    close,
  };
}
