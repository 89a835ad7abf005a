// The door to PostgreSQL for hand-written SQL: a pool for what the mesh waits for, a pool for what
// may take its time, errors that callers understand.
import pg from 'pg';
import { takeConnection } from './connection.ts';
import { asDoorError } from './database-error.ts';
import type { Statement, Value } from './statement.ts';

/** Statements sent within one transaction. */
export type Transaction = {
  /**
   * Sends a statement; those sent before their predecessors were answered travel together (the
   * server runs them in order). After one of them failed, all that follow fail as well and nothing
   * is kept.
   */
  run<Row>(statement: Statement<Row>, values?: readonly Value[]): Promise<Row[]>;
  /**
   * Commits; resolves when PostgreSQL has made it durable. Without it the transaction is rolled
   * back at its end.
   */
  commit(): Promise<void>;
};

/** A read-only view of one instant. */
export type Snapshot = {
  /** The rows of a query, fetched `pageSize` at a time. */
  rows<Row>(query: Statement<Row>, values: readonly Value[], pageSize: number): AsyncIterable<Row>;
  /** Gives the connection back. */
  close(): Promise<void>;
};

/**
 * PostgreSQL, as rooms with hand-written SQL see it. Rejections are door errors
 * (`database_unavailable`, …).
 */
export type Database = {
  /** Runs one short statement by itself; it never waits behind `browse` and `snapshot`. */
  run<Row>(statement: Statement<Row>, values?: readonly Value[]): Promise<Row[]>;
  /** Runs one statement that may be long, or have filters that change how rows are best found. */
  browse<Row>(statement: Statement<Row>, values?: readonly Value[]): Promise<Row[]>;
  /** Runs `work` in a transaction of the ledger. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** Opens a snapshot; close it soon, it holds a connection. */
  snapshot(): Promise<Snapshot>;
  /** Ends all connections once they are idle. May be called twice. */
  close(): Promise<void>;
};

/** Connections for commits, renewals and what workers wait for: all of it takes milliseconds. */
const PROMPT_CONNECTIONS_MAX = 6;
/** Connections for people's lists and for owners that load their picture. */
const PATIENT_CONNECTIONS_MAX = 4;
const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 60_000;
const PROMPT_TIMEOUT_MS = 10_000;
const PATIENT_TIMEOUT_MS = 20_000;
/**
 * A commit that waits longer for a pool or a session than this gives up; the scheduler tries again.
 */
const LOCK_TIMEOUT_MS = 5_000;
/** How much longer than the server a client waits, before it takes the connection for dead. */
const SILENCE_MARGIN_MS = 5_000;

/**
 * Prompt statements find all rows by index. Left to itself the planner keeps a plan it made while
 * the tables were small, and reads them from end to end when they no longer are.
 */
export const PROMPT_PLANNER = [
  '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off',
  '-c plan_cache_mode=force_generic_plan -c jit=off -c timezone=UTC',
].join(' ');
/** Lists have optional filters, so each is planned for the values it has. */
export const PATIENT_PLANNER = '-c plan_cache_mode=force_custom_plan -c jit=off -c timezone=UTC';

const INT8_OID = 20;
const TIMESTAMPTZ_OID = 1184;

/** bigint as BigInt, timestamptz as milliseconds since the epoch, the rest as node-pg has it. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    if (oid === INT8_OID) return BigInt;
    // `2026-01-01 00:00:00.123+00`: not ISO 8601, but a form that V8 is tested to read.
    if (oid === TIMESTAMPTZ_OID) return Date.parse;
    return pg.types.getTypeParser(oid, format);
  },
};

/**
 * Opens the pools; connects when first needed. `onIdleError` hears of idle connections that broke:
 * they are replaced.
 */
export function openDatabase(url: string, onIdleError: (error: Error) => void): Database {
  const shared = {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    types,
  };
  const prompt = new pg.Pool({
    ...shared,
    application_name: 'dagmesh-prompt',
    max: PROMPT_CONNECTIONS_MAX,
    options: PROMPT_PLANNER,
    pipeline: true,
    statement_timeout: PROMPT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: LOCK_TIMEOUT_MS,
    query_timeout: PROMPT_TIMEOUT_MS + SILENCE_MARGIN_MS,
  });
  const patient = new pg.Pool({
    ...shared,
    application_name: 'dagmesh-patient',
    max: PATIENT_CONNECTIONS_MAX,
    options: PATIENT_PLANNER,
    statement_timeout: PATIENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: PATIENT_TIMEOUT_MS,
    query_timeout: PATIENT_TIMEOUT_MS + SILENCE_MARGIN_MS,
  });
  const pools = [prompt, patient];
  for (const pool of pools) pool.on('error', onIdleError);
  let closing: Promise<unknown> | undefined;

  return {
    run: (statement, values = []) => runAlone(prompt, statement, values),
    browse: (statement, values = []) => runAlone(patient, statement, values),
    transaction: (work) => runTransaction(prompt, work),
    snapshot: () => openSnapshot(patient),
    close: async () => {
      closing ??= Promise.all(pools.map((pool) => pool.end()));
      await closing;
    },
  };
}

async function runAlone<Row>(
  pool: pg.Pool,
  statement: Statement<Row>,
  values: readonly Value[],
): Promise<Row[]> {
  try {
    return (await pool.query(prepared(statement, values))).rows;
  } catch (error) {
    throw asDoorError(error);
  }
}

async function runTransaction<T>(
  pool: pg.Pool,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const connection = await takeConnection(pool);
  let isOpen = true;
  // Not waited for: what follows travels with it, and fails with it.
  connection.send({ text: 'begin' }).catch(() => undefined);
  try {
    return await work({
      run: (statement, values = []) => {
        const sent = connection.send(prepared(statement, values)).then(({ rows }) => rows);
        // `work` may fail before it waits for this one; then nobody does.
        sent.catch(() => undefined);
        return sent;
      },
      commit: async () => {
        isOpen = false;
        const { command } = await connection.send({ text: 'commit' });
        if (command === 'COMMIT') return;
        // PostgreSQL answers the commit of a failed transaction with ROLLBACK, not with an error.
        throw asDoorError(connection.firstError() ?? new Error(`commit ended as ${command}`));
      },
    });
  } finally {
    if (isOpen) await connection.send({ text: 'rollback' }).catch(() => undefined);
    connection.release();
  }
}

async function openSnapshot(pool: pg.Pool): Promise<Snapshot> {
  const connection = await takeConnection(pool);
  const close = async () => {
    if (connection.firstError() === undefined) {
      await connection.send({ text: 'commit' }).catch(() => undefined);
    }
    connection.release();
  };
  try {
    await connection.send({ text: 'begin isolation level repeatable read read only' });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    close,
    rows: async function* (query, values, pageSize) {
      const text = `declare page no scroll cursor for ${query.text}`;
      await connection.send({ text, values: [...values] });
      for (;;) {
        const { rows } = await connection.send({ text: `fetch ${pageSize} from page` });
        yield* rows;
        if (rows.length < pageSize) break;
      }
      await connection.send({ text: 'close page' });
    },
  };
}

function prepared<Row>(statement: Statement<Row>, values: readonly Value[]): pg.QueryConfig {
  return { name: statement.name, text: statement.text, values: [...values] };
}
