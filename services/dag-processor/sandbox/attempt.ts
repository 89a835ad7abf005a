// Tries out a command: whether this machine has it and lets us run it.
import { spawn } from 'node:child_process';
import type { Clock } from '#kernel/clock/clock.ts';
import type { Attempt } from './isolation.ts';

const ATTEMPT_TIME_MAX_MS = 10_000;

/** Attempts with an empty environment; a command that does not end within 10 s counts as failed. */
export function createAttempt(clock: Clock, env: Readonly<Record<string, string>> = {}): Attempt {
  return ([program = '', ...args]) =>
    new Promise((resolve) => {
      const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
      const child = spawn(program, args, { env: { PATH: path, ...env }, stdio: 'ignore' });
      const deadline = clock.timer(ATTEMPT_TIME_MAX_MS, () => child.kill('SIGKILL'));
      const settle = (isDone: boolean) => {
        deadline.cancel();
        resolve(isDone);
      };
      child.once('error', () => settle(false));
      child.once('exit', (code) => settle(code === 0));
    });
}
