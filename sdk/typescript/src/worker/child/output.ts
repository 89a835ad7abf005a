// Everything a task prints, as log lines of the attempt that printed it.
import { AsyncLocalStorage } from 'node:async_hooks';
import { writeSync } from 'node:fs';
import { formatWithOptions } from 'node:util';
import { LINES_FD } from '../ipc.ts';
import { type Level, type Line, lineJson } from '../logs/line.ts';
import { createLineSplitter, type LineSplitter } from '../logs/line-splitter.ts';
import { type Mask, NO_MASK } from '../logs/mask.ts';

/** Where the output of one attempt goes. */
export type Output = {
  readonly seq: number;
  readonly lineBytesMax: number;
  mask: Mask;
  readonly stdout: LineSplitter;
  readonly stderr: LineSplitter;
};

const current = new AsyncLocalStorage<Output>();
/**
 * Attempts that are running, oldest first: output that no async context explains belongs to the
 * newest.
 */
const open = new Set<Output>();
let written = 0;

/** Lines written to LINES_FD since this child began. */
export function linesWritten(): number {
  return written;
}

/** Runs code so that whatever it prints, now or later, becomes lines of this attempt. */
export function capturing<T>(output: Output, run: () => T): T {
  return current.run(output, run);
}

/** Opens the output of an attempt. */
export function openOutput(seq: number, lineBytesMax: number): Output {
  const output: Output = {
    seq,
    lineBytesMax,
    mask: NO_MASK,
    stdout: createLineSplitter(() => output.mask),
    stderr: createLineSplitter(() => output.mask),
  };
  open.add(output);
  return output;
}

/**
 * Writes what was printed without a final line feed; later output of the attempt counts as
 * nobody's.
 */
export function closeOutput(output: Output): void {
  writeText(output, 'stdout', output.stdout.end());
  writeText(output, 'stderr', output.stderr.end());
  open.delete(output);
}

/**
 * The attempt whose code is running right now; undefined between tasks, and for what a task left
 * running.
 */
export function currentOutput(): Output | undefined {
  const owner = current.getStore();
  if (owner === undefined) return [...open].at(-1);
  return open.has(owner) ? owner : undefined;
}

/** Writes one line of an attempt's log. */
export function writeLine(output: Output, { level, stream, message }: Line): void {
  const masked = output.mask.apply(message);
  for (const text of lineJson({ level, stream, message: masked }, output.lineBytesMax)) {
    writeFully(Buffer.from(`${output.seq} ${text}`));
    written += 1;
  }
}

/**
 * Turns `console`, `process.stdout` and `process.stderr` of this child into lines of its attempts.
 */
export function captureConsole(): void {
  console.debug = printer('debug');
  console.info = printer('info');
  console.log = printer('info');
  console.warn = printer('warning');
  console.error = printer('error');
  console.trace = (...values) => printer('debug')(`${format(values)}\n${new Error('Trace').stack}`);
  captureStream('stdout');
  captureStream('stderr');
}

/** A line of values, formatted as `console.log` does. */
export function format(values: readonly unknown[]): string {
  return formatWithOptions({ colors: false }, ...values);
}

function printer(level: Level): (...values: unknown[]) => void {
  const stream = level === 'warning' || level === 'error' ? 'stderr' : 'stdout';
  return (...values) => {
    const output = currentOutput();
    if (output !== undefined) writeLine(output, { level, stream, message: format(values) });
  };
}

type Write = typeof process.stdout.write;

function captureStream(stream: 'stdout' | 'stderr'): void {
  const write = (chunk: string | Uint8Array, second?: unknown, third?: unknown): boolean => {
    const output = currentOutput();
    if (output !== undefined) writeText(output, stream, output[stream].push(chunk));
    const done = typeof second === 'function' ? second : third;
    if (typeof done === 'function') process.nextTick(done);
    return true;
  };
  process[stream].write = write as Write;
}

function writeText(output: Output, stream: 'stdout' | 'stderr', lines: readonly string[]): void {
  const level = stream === 'stdout' ? 'info' : 'error';
  for (const message of lines) writeLine(output, { level, stream, message });
}

/**
 * Blocks while the pipe is full: that is how a worker holds back a task that prints faster than its
 * log is stored.
 */
function writeFully(bytes: Uint8Array): void {
  let offset = 0;
  while (offset < bytes.length) offset += writeSync(LINES_FD, bytes, offset);
}
