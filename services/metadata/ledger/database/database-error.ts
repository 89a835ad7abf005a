// What PostgreSQL's errors mean to a caller: try again later, it took too long, or what was sent
// cannot be stored.
import { ConnectError, fail } from '#kernel/errors/errors.ts';

/**
 * SQLSTATE classes and codes after which the same call may succeed: lost connections, restarts,
 * failovers, lock conflicts. Not 08P01: a statement that got other values than it takes is our bug.
 */
const PASSING = /^(08(?!P01)|53|57P0|40001|40P01|25006|55P03|25P03)/;
/** Codes of Node's sockets: the server is away. */
const SOCKET =
  /^(ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOTFOUND)$/;
/** node-pg's own errors have no code. */
const DRIVER = new RegExp(
  [
    'connection (terminated|error|timeout)',
    'timeout exceeded',
    'not queryable',
    'client was closed',
    'query read timeout',
    'pool after calling end',
    'driver not connected',
  ].join('|'),
  'i',
);
/** The statement ran into its time limit. */
const CANCELLED = '57014';
/** A value that no column can hold: not a uuid, out of range, wrong encoding. */
const BAD_VALUE = /^22/;
/** A key that no index can hold: more than 2,700 bytes or so. */
const TOO_LONG = '54000';

/**
 * The error a door answers with; errors that are no fault of the database or the caller pass
 * unchanged.
 */
export function asDoorError(error: unknown): unknown {
  if (error instanceof ConnectError || !(error instanceof Error)) return error;
  const code = sqlStateOf(error) ?? '';
  if (PASSING.test(code) || SOCKET.test(code) || (code === '' && DRIVER.test(error.message))) {
    return fail('database_unavailable', 'the database cannot be reached now; retry later', {
      cause: error,
    });
  }
  if (code === CANCELLED) {
    return fail('deadline_exceeded', 'the database took too long; ask for less or retry later', {
      cause: error,
    });
  }
  if (code === TOO_LONG) {
    return fail('bad_request', 'a name or key is too long to be stored; use a shorter one', {
      cause: error,
    });
  }
  if (BAD_VALUE.test(code)) {
    const words = 'a value cannot be stored: check ids, dates, numbers and odd characters';
    return fail('bad_request', `${words} (${error.message})`, { cause: error });
  }
  return error;
}

/** True when the error says that the connection is of no use any more. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = sqlStateOf(error) ?? '';
  return (
    SOCKET.test(code) ||
    /^(08|57P0|25P03)/.test(code) ||
    (code === '' && DRIVER.test(error.message))
  );
}

/** The SQLSTATE, or the socket's code; undefined when there is none. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : undefined;
}
