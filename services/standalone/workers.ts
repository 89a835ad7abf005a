// The workers beside a standalone: ordinary worker processes, started again when they end.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Clock } from '#kernel/clock/clock.ts';
import { backoffMs } from '#kernel/clock/random.ts';
import type { Part } from '#kernel/lifecycle/lifecycle.ts';

const RESTART_FIRST_MS = 500;
const RESTART_MAX_MS = 30_000;
/** A worker that lived this long starts again without the delay of earlier failures. */
const HEALTHY_MS = 60_000;
const STOP_GRACE_MS = 20_000;

export type WorkerCommand = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** File that its output is appended to. */
  readonly logFile: string;
};

/** Keeps one worker process running until stopped. */
export function keepWorker(worker: WorkerCommand, clock: Clock): Part {
  let child: ChildProcess | undefined;
  let restart: { cancel(): void } | undefined;
  let isStopping = false;
  let failuresCount = 0;

  const launch = () => {
    const log = openSync(worker.logFile, 'a');
    const startedAtMs = clock.monotonicMs();
    child = spawn(worker.command, worker.args, { env: worker.env, stdio: ['ignore', log, log] });
    closeSync(log);
    const again = () => {
      child = undefined;
      if (isStopping) return;
      failuresCount = clock.monotonicMs() - startedAtMs > HEALTHY_MS ? 0 : failuresCount + 1;
      const delayMs = backoffMs({
        attempt: failuresCount,
        firstMs: RESTART_FIRST_MS,
        maxMs: RESTART_MAX_MS,
      });
      restart = clock.timer(delayMs, launch);
    };
    child.once('error', again);
    child.once('exit', again);
  };

  return {
    name: worker.name,
    start: async () => launch(),
    stop: async () => {
      isStopping = true;
      restart?.cancel();
      if (child !== undefined) await end(child, clock);
    },
  };
}

/** TERM lets the worker drain; KILL ends one that does not. */
async function end(child: ChildProcess, clock: Clock): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const kill = clock.timer(STOP_GRACE_MS, () => child.kill('SIGKILL'));
  await ended;
  kill.cancel();
}
