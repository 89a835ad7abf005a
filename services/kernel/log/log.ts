// Structured logs: one event, one line of JSON on stderr, secrets cut out.
import pino from 'pino';
import { reasonOf } from '../errors/errors.ts';

/** Facts of an event; keys are spelled as in the contracts. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where events go. Messages are fixed lower-case texts; everything that varies is a field. */
export type Log = {
  /** For whoever looks for a fault. */
  debug(fields: LogFields, message: string): void;
  /** For a person reading a quiet house. */
  info(fields: LogFields, message: string): void;
  /** Something is wrong and was dealt with. */
  warn(fields: LogFields, message: string): void;
  /** Something is wrong and somebody must look. An `err` field holds the error. */
  error(fields: LogFields, message: string): void;
  /** The same log with facts that every line carries. */
  child(fields: LogFields): Log;
};

/** How much is said; `silent` says nothing. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

const SECRET_KEYS = ['password', 'token', 'secret', 'authorization', 'bearer', 'clusterKey', 'key'];

/** How deep the causes of an error are followed. */
const CAUSES_MAX = 4;

/**
 * The log of one service: JSON with level, time, service and message, line by line. `to` is an open
 * file, stderr unless another is named, or a function that takes each line.
 */
export function createLog(
  service: string,
  level: LogLevel = 'info',
  to: number | ((line: string) => void) = 2,
): Log {
  const options: pino.LoggerOptions = {
    level,
    base: { service },
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: (error: unknown) => describeError(error, CAUSES_MAX) },
    redact: {
      paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]),
      censor: '[redacted]',
    },
  };
  if (typeof to === 'function') return pino(options, { write: to });
  return pino(options, pino.destination({ fd: to, sync: true }));
}

/**
 * What a log line says of an error. Nothing else of it is taken over: errors of libraries hang SQL
 * parameters, whole descriptors and sockets on themselves.
 */
function describeError(error: unknown, causesMax: number): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? { code: String(error.code) } : {};
  const reason = reasonOf(error);
  return {
    name,
    message,
    ...code,
    ...(reason === undefined ? {} : { reason }),
    stack,
    ...(cause === undefined || causesMax === 0
      ? {}
      : { cause: describeError(cause, causesMax - 1) }),
  };
}
