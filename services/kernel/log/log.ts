// Structured logs: one event, one line of JSON on stderr, secrets cut out.
import pino from 'pino';

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

/** The log of one service: JSON with level, time, service and message, on stderr unless another open file is named. */
export function createLog(service: string, level: LogLevel = 'info', fd = 2): Log {
  const options: pino.LoggerOptions = {
    level,
    base: { service },
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]),
      censor: '[redacted]',
    },
  };
  return pino(options, pino.destination({ fd, sync: true }));
}
