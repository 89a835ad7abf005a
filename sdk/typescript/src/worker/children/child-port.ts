// The supervisor's end of one child: its channel, its pipes, its process group.
import { type ChildProcess, fork } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { after } from '../clock.ts';
import { type FromChild, LINES_FD, type ToChild } from '../ipc.ts';
import { createFrameReader } from './frames.ts';
import type { Guard } from './guard.ts';

const CHILD_MAIN = fileURLToPath(new URL('../child/main.ts', import.meta.url));
/**
 * A program that outlives the child may hold its pipes open; the child's end is reported after this
 * all the same.
 */
const PIPES_CLOSE_MS = 500;
/** How often it is looked whether somebody is left in the group of a child that is gone. */
const GROUP_CHECK_MS = 1_000;

/** How a child ended, as the operating system tells it. */
export type Exit = {
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
};

/** What a child makes its owner do. */
export type ChildEvents = {
  message(message: FromChild): void;
  /** A whole line of JSON, with its line feed, printed by the attempt with this number. */
  line(seq: number, line: Buffer): void;
  /** Bytes that something else than the child's own JavaScript wrote, e.g. a program it started. */
  raw(stream: 'stdout' | 'stderr', bytes: Buffer): void;
  /** The child is gone and what it wrote has been read. */
  exited(exit: Exit): void;
};

/** How children are started. */
export type ChildSettings = {
  /** Heap limit in MiB; 0 means Node's own. */
  readonly memoryMb: number;
  readonly env: NodeJS.ProcessEnv;
};

/**
 * One child. Its process group is its own, so that whatever its tasks started can be ended with it.
 */
export class ChildPort {
  readonly #child: ChildProcess;
  readonly #guard: Guard;
  readonly #pipes: readonly Readable[];
  #unsaid: ToChild[] = [];
  #isGroupGone = false;

  constructor(settings: ChildSettings, guard: Guard, events: ChildEvents) {
    this.#guard = guard;
    const heap = settings.memoryMb > 0 ? [`--max-old-space-size=${settings.memoryMb}`] : [];
    this.#child = fork(CHILD_MAIN, [], {
      detached: true,
      env: settings.env,
      execArgv: ['--disable-warning=ExperimentalWarning', ...heap],
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'ipc'],
    });
    this.#child.on('message', (batch: readonly FromChild[]) => {
      for (const message of batch) events.message(message);
    });
    this.#pipes = listen(this.#child, events);
    if (this.#child.pid !== undefined) guard.watch(this.#child.pid);
    this.#child.on('exit', () => this.#checkGroup());
    reportExit(this.#child, this.#pipes, events.exited);
  }

  /** Says something; what is said within one turn of the event loop travels together. */
  say(message: ToChild): void {
    this.#unsaid.push(message);
    if (this.#unsaid.length > 1) return;
    queueMicrotask(() => {
      const batch = this.#unsaid;
      this.#unsaid = [];
      if (this.#child.connected) this.#child.send(batch, () => undefined);
    });
  }

  /** Stops reading what the child prints: a full pipe makes it wait. */
  pause(): void {
    for (const pipe of this.#pipes) pipe.pause();
  }

  /** Reads on. */
  resume(): void {
    for (const pipe of this.#pipes) pipe.resume();
  }

  /**
   * Signals every member of the child's process group; false when nobody is left in it. Signal 0
   * only asks.
   */
  signal(signal: NodeJS.Signals | 0): boolean {
    const { pid } = this.#child;
    // A group that was seen empty is never signalled again: its number may belong to somebody else
    // by now.
    if (pid === undefined || this.#isGroupGone) return false;
    try {
      process.kill(-pid, signal);
    } catch {
      this.#isGroupGone = true;
      this.#guard.forget(pid);
    }
    return !this.#isGroupGone;
  }

  #checkGroup(): void {
    if (this.signal(0)) after(GROUP_CHECK_MS, () => this.#checkGroup());
  }
}

function listen(child: ChildProcess, events: ChildEvents): Readable[] {
  const readers: [number, (bytes: Buffer) => void][] = [
    [1, (bytes) => events.raw('stdout', bytes)],
    [2, (bytes) => events.raw('stderr', bytes)],
    [LINES_FD, createFrameReader(events.line)],
  ];
  return readers.flatMap(([fd, read]) => {
    const pipe = child.stdio[fd] as Readable | null | undefined;
    if (pipe === null || pipe === undefined) return [];
    pipe.on('data', read);
    pipe.on('error', () => undefined);
    return [pipe];
  });
}

/**
 * `close` follows `exit` once the pipes were read to their end, which is what the reporter waits
 * for.
 */
function reportExit(
  child: ChildProcess,
  pipes: readonly Readable[],
  report: (exit: Exit) => void,
): void {
  let isReported = false;
  const once = (code: number | null, signal: NodeJS.Signals | null) => {
    if (isReported) return;
    isReported = true;
    report({ code: code ?? undefined, signal: signal ?? undefined });
  };
  child.on('close', once);
  child.on('exit', (code, signal) => {
    for (const pipe of pipes) pipe.resume();
    after(PIPES_CLOSE_MS, () => once(code, signal));
  });
  child.on('error', () => {
    if (child.pid === undefined) once(null, null);
  });
}
