// Runs another program in the foreground: its streams are ours, our signals its, its end our end.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { type Env, processEnv } from '#kernel/config/config.ts';
import { onStopSignal } from '#kernel/lifecycle/stop-signal.ts';

/** What a shell adds to a signal's number to make the exit code of a program it ended. */
const SIGNAL_EXIT_BASE = 128;
/** Exit code of a shell that finds no such program. */
const NOT_STARTED = 127;

/** A program to run. */
export type ProgramCommand = {
  readonly command: string;
  readonly args: readonly string[];
  /** What it is told besides the environment it inherits. */
  readonly env?: Env;
};

/**
 * Runs it to its end and answers its exit code. It leads a process group of its own, so that Ctrl-C
 * reaches it once, through us, and not a second time from the terminal.
 */
export function runProgram(
  { command, args, env = {} }: ProgramCommand,
  say: (text: string) => void,
): Promise<number> {
  const told = Object.entries(env).filter(([, value]) => value !== undefined);
  const child = spawn(command, args, {
    stdio: 'inherit',
    detached: true,
    env: { ...processEnv(), ...Object.fromEntries(told) },
  });
  const forget = onStopSignal((signal) => child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal));
  return new Promise<number>((resolve) => {
    child.once('error', (error) => {
      say(`${command} could not be started: ${error.message}`);
      resolve(NOT_STARTED);
    });
    child.once('exit', (code, signal) => {
      resolve(code ?? SIGNAL_EXIT_BASE + (signal === null ? 0 : numberOf(signal)));
    });
  }).finally(forget);
}

function numberOf(signal: NodeJS.Signals): number {
  return constants.signals[signal];
}
