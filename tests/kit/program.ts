// One program of a system under test: a real process that can be killed, paused, resumed and
// started again.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { hasEnded } from '../../services/standalone/embedded/child.ts';
import { atExit } from './at-exit.ts';
import { eventually } from './wait.ts';

export type Program = {
  readonly name: string;
  /** Process id of the current life. */
  readonly pid: number;
  /** File with the output of all its lives. */
  readonly logFile: string;
  isAlive(): boolean;
  /** Sends a signal and, for those that end it, waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** SIGSTOP: it stands still until `resume`. */
  pause(): void;
  resume(): void;
  /** Starts it again with the same command and environment; ends the old life first. */
  restart(): Promise<void>;
};

export type ProgramOptions = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly cwd: string;
  /** Ends it when this process is ended; default SIGKILL. TERM for what has servers of its own. */
  readonly lastSignal?: NodeJS.Signals;
};

/** What programs find of the machine: other programs, and the launcher's cache. */
export function inheritedEnv(): Record<string, string> {
  const { PATH = '', HOME = '/', ...rest } = process.env;
  const caches = ['DAGMESH_CACHE', 'XDG_CACHE_HOME'].flatMap((name) => {
    const value = rest[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { PATH, HOME, ...Object.fromEntries(caches) };
}

/** Starts a program that does not outlive this process; its output goes to its log file. */
export function startProgram(options: ProgramOptions): Program {
  let child = launch(options);
  atExit(() => void child.kill(options.lastSignal ?? 'SIGKILL'));
  const program: Program = {
    name: options.name,
    logFile: options.logFile,
    get pid() {
      return child.pid ?? 0;
    },
    isAlive: () => child.exitCode === null && child.signalCode === null,
    kill: async (signal = 'SIGKILL') => {
      if (!program.isAlive()) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      await ended;
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    restart: async () => {
      await program.kill();
      child = launch(options);
    },
  };
  return program;
}

/** kill −9 of a server; waits until it has given its port back. Nothing to do when it has ended. */
export async function killAtOnce(pid: number): Promise<void> {
  if (hasEnded(pid)) return;
  process.kill(pid, 'SIGKILL');
  await eventually(() => hasEnded(pid), { deadlineMs: 20_000, what: `process ${pid} has ended` });
}

/** The last lines of a program's output, for the message of a failed test. */
export function tailOf(program: Program, linesCount = 15): string {
  const lines = readFileSync(program.logFile, 'utf8').trimEnd().split('\n').slice(-linesCount);
  return `${program.name}:\n  ${lines.join('\n  ')}`;
}

/** The last lines of several programs. */
export function tailsOf(programs: Iterable<Program>): string {
  return [...programs].map((program) => tailOf(program)).join('\n');
}

function launch(options: ProgramOptions): ChildProcess {
  const log = openSync(options.logFile, 'a');
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  return child;
}
