// Runs one reading child to its end, and ends it when it breaks a limit.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { Clock, Timer } from '#kernel/clock/clock.ts';
import type { ChildOutcome, Limit, ParseLimits } from '../core/reading/explain-outcome.ts';
import type { Command } from './command.ts';
import { lookAtTree } from './process-tree.ts';

/** How a child is run. */
export type RunOptions = {
  readonly cwd: string;
  readonly limits: ParseLimits;
  /** Whether memory and processes are watched. */
  readonly canWatch: boolean;
  readonly clock: Clock;
  /** Aborted when we stop: the child is killed. */
  readonly signal: AbortSignal;
};

const ANSWER_FD = 3;
const WATCH_EVERY_MS = 50;
const LAST_OUTPUT_MAX_BYTES = 8_192;
// How long what a child left behind may hold its pipes open, where it could leave our process
// group.
const PIPES_CLOSE_WITHIN_MS = 500;

/**
 * Runs a command in a process group of its own and waits until it and what it started is gone. What
 * it writes to descriptor 3 is its answer; what it prints is counted, and its end kept. Never
 * rejects.
 */
export async function runChild(command: Command, options: RunOptions): Promise<ChildOutcome> {
  const { limits, clock, signal } = options;
  if (signal.aborted) return { kind: 'stopped' };
  const [program = '', ...args] = command.argv;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...command.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let broken: Limit | 'stop' | undefined;
  const end = (reason: Limit | 'stop') => {
    broken ??= reason;
    killGroup(child);
  };

  const stop = () => end('stop');
  signal.addEventListener('abort', stop);
  const deadline = clock.timer(limits.timeMaxMs, () => end('time'));
  const watch = options.canWatch ? watchTree(child, limits, clock, end) : undefined;
  const answer = collect(child.stdio[ANSWER_FD] as Readable, limits.answerMaxBytes, () =>
    end('answer'),
  );
  const output = collectEnd([child.stdout, child.stderr], limits.outputMaxBytes, () =>
    end('output'),
  );
  try {
    const ended = await ending(child, clock);
    if (ended.kind === 'not_started') return ended;
    if (broken === 'stop') return { kind: 'stopped' };
    if (broken !== undefined) return { kind: 'killed', limit: broken };
    if (answer.bytesCount > 0) return { kind: 'answered', answer: answer.text() };
    return { ...ended, lastOutput: output.text() };
  } finally {
    watch?.stop();
    deadline.cancel();
    signal.removeEventListener('abort', stop);
  }
}

type Ending =
  | { readonly kind: 'not_started'; readonly cause: string }
  | {
      readonly kind: 'ended';
      readonly exitCode: number | undefined;
      readonly signal: string | undefined;
    };

async function ending(child: ChildProcess, clock: Clock): Promise<Ending> {
  let forget: Timer | undefined;
  child.once('exit', () => {
    killGroup(child);
    forget = clock.timer(PIPES_CLOSE_WITHIN_MS, () => {
      for (const pipe of child.stdio) pipe?.destroy();
    });
  });
  try {
    const [code, signal] = await once(child, 'close');
    return { kind: 'ended', exitCode: code ?? undefined, signal: signal ?? undefined };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'not_started', cause: `the reader of the file cannot be started: ${reason}` };
  } finally {
    forget?.cancel();
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

function watchTree(
  child: ChildProcess,
  limits: ParseLimits,
  clock: Clock,
  end: (limit: Limit) => void,
): { stop(): void } {
  let timer = clock.timer(WATCH_EVERY_MS, look);
  function look(): void {
    if (child.pid === undefined) return;
    const use = lookAtTree(child.pid, limits.processesMax);
    if (use.processesCount > limits.processesMax) return end('processes');
    if (use.memoryBytes > limits.memoryMaxBytes) return end('memory');
    timer = clock.timer(WATCH_EVERY_MS, look);
  }
  return { stop: () => timer.cancel() };
}

type Collected = { readonly bytesCount: number; text(): string };

function collect(stream: Readable, bytesMax: number, onTooMuch: () => void): Collected {
  const chunks: Buffer[] = [];
  let bytesCount = 0;
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Buffer) => {
    bytesCount += chunk.length;
    if (bytesCount > bytesMax) return onTooMuch();
    chunks.push(chunk);
  });
  return {
    get bytesCount() {
      return bytesCount;
    },
    text: () => Buffer.concat(chunks).toString(),
  };
}

/** Keeps the end of what comes, because that is where a program says why it fails. */
function collectEnd(
  streams: readonly (Readable | null)[],
  bytesMax: number,
  onTooMuch: () => void,
): Collected {
  let bytesCount = 0;
  let end = Buffer.alloc(0);
  for (const stream of streams) {
    stream?.on('error', () => undefined);
    stream?.on('data', (chunk: Buffer) => {
      bytesCount += chunk.length;
      end = Buffer.concat([end, chunk.subarray(-LAST_OUTPUT_MAX_BYTES)]);
      end = end.subarray(-LAST_OUTPUT_MAX_BYTES);
      if (bytesCount > bytesMax) onTooMuch();
    });
  }
  return {
    get bytesCount() {
      return bytesCount;
    },
    text: () => end.toString(),
  };
}
