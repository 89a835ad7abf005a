// What a person may have to know of a worker: one function per event, one JSON line on stderr each.
import { nowIso } from './clock.ts';

type Fields = { readonly [name: string]: string | number | boolean | undefined };

/** The events of one worker. */
export type Events = ReturnType<typeof createEvents>;

/** Events that carry the worker's id. */
export function createEvents(workerId: string, write: (line: string) => void = writeStderr) {
  const who = { service: 'worker', workerId };
  const at = (level: 'info' | 'warn' | 'error') => (message: string, fields: Fields) =>
    write(`${JSON.stringify({ time: nowIso(), level, ...who, ...fields, message })}\n`);
  const info = at('info');
  const warn = at('warn');
  const error = at('error');
  return {
    connected: (address: string, sessionId: string) => info('connected', { address, sessionId }),
    disconnected: (address: string, code: string, detail: string) =>
      warn('lost the executor; tasks go on while it is sought', { address, code, detail }),
    fenced: (attemptsCount: number) =>
      error('heard nothing for too long; gave up all attempts', { attemptsCount }),
    draining: (why: string, attemptsCount: number) =>
      info('draining; no new tasks are taken', { why, attemptsCount }),
    drained: () => info('drained', {}),
    reportRefused: (attemptId: string, reason: string) =>
      warn('an outcome was refused', { attemptId, reason }),
    attemptLost: (attemptId: string) =>
      warn('an attempt is not ours any more; ended it', { attemptId }),
    logRefused: (attemptId: string, detail: string) =>
      warn('the log of an attempt is not taken any more', { attemptId, detail }),
    failed: (detail: string) => error('the worker cannot go on', { detail }),
  };
}

function writeStderr(line: string): void {
  process.stderr.write(line);
}
