// One PostgreSQL connection while somebody holds it: statements go through it, and it is given back
// or thrown away.
import type pg from 'pg';
import { asDoorError } from './database-error.ts';

/** A connection taken from a pool. */
export type Connection = {
  /** Sends a query; rejects with a door error. */
  send(query: pg.QueryConfig): Promise<pg.QueryResult>;
  /** The first error it met; undefined while it met none. */
  firstError(): unknown;
  /**
   * Gives it back. After any error it is closed instead: the state of a pipelined connection is
   * then not worth reasoning about, and a new one takes 5 ms.
   */
  release(): void;
};

/**
 * Takes a connection, waiting for a free one if need be; rejects with `database_unavailable` when
 * none comes.
 */
export async function takeConnection(pool: pg.Pool): Promise<Connection> {
  const client = await pool.connect().catch((error: unknown) => {
    throw asDoorError(error);
  });
  let firstError: unknown;
  const note = (error: unknown) => {
    firstError ??= error;
  };
  // A connection that breaks says so by an event as well, which ends the program unless somebody
  // listens.
  client.on('error', note);
  return {
    send: async (query) => {
      try {
        return await client.query(query);
      } catch (error) {
        note(error);
        throw asDoorError(error);
      }
    },
    firstError: () => firstError,
    release: () => {
      client.off('error', note);
      client.release(firstError !== undefined);
    },
  };
}
