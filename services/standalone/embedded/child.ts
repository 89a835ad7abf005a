// The life of an embedded server: spawned with its output in a file, stopped by signal, awaited
// with a limit.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { systemClock } from '#kernel/clock/clock.ts';
import type { Account } from './account.ts';

const POLL_MS = 10;

export type ServerCommand = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly account?: Account | undefined;
  /** File that stdout and stderr are appended to. */
  readonly logFile: string;
};

/** A server process of ours, and whether it has ended. */
export type ServerChild = { readonly pid: number; hasEnded(): boolean };

/**
 * Spawns a server that survives our Ctrl-C (its own process group), so that we decide the stop
 * order.
 */
export function spawnServer(server: ServerCommand): ServerChild {
  const log = openSync(server.logFile, 'a');
  const child: ChildProcess = spawn(server.command, server.args, {
    stdio: ['ignore', log, log],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', ...server.env },
    detached: true,
    ...server.account,
  });
  closeSync(log);
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  child.once('exit', end);
  child.once('error', end);
  if (child.pid === undefined) throw new Error(`cannot start ${server.command}`);
  return { pid: child.pid, hasEnded: () => isOver };
}

/**
 * Whether a process with this id lives and has `mark` among its arguments: guards against reused
 * ids.
 */
export function isRunning(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(mark);
  } catch {
    return false;
  }
}

/**
 * Sends a signal and waits for the end, then sends KILL. Works for processes that are not our
 * children, too. After it their ports are free: a process that ends loses its arguments first.
 */
export async function stopServer(
  pid: number,
  options: { readonly mark: string; readonly signal: NodeJS.Signals; readonly graceMs: number },
): Promise<void> {
  for (const signal of [options.signal, 'SIGKILL'] as const) {
    if (!isRunning(pid, options.mark)) return;
    trySignal(pid, signal);
    const deadlineMs = systemClock.monotonicMs() + options.graceMs;
    if (await waitUntil(() => hasEnded(pid), deadlineMs)) return;
  }
}

/** Whether a process has ended; one that its parent has not yet asked about has, too. */
export function hasEnded(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return /^[ZX]/.test(stat.slice(stat.lastIndexOf(') ') + 2));
  } catch {
    return true;
  }
}

/** Stops what a killed parent left running, by the file with its process id; removes the file. */
export async function stopLeftover(
  pidFile: string,
  options: { readonly mark: string; readonly signal: NodeJS.Signals; readonly graceMs: number },
): Promise<void> {
  if (!existsSync(pidFile)) return;
  // PostgreSQL writes more below its process id.
  const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
  if (pid > 0) await stopServer(pid, options);
  rmSync(pidFile, { force: true });
}

/**
 * Polls a cheap condition until it holds or the monotonic deadline passes; answers whether it held.
 */
export async function waitUntil(holds: () => boolean, deadlineMs: number): Promise<boolean> {
  while (!holds()) {
    if (systemClock.monotonicMs() > deadlineMs) return false;
    await systemClock.sleep(POLL_MS);
  }
  return true;
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended between the look and the signal: what we wanted.
  }
}
