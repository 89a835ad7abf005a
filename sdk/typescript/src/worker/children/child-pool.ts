// The warm children of a worker: who runs what, when another one is started, and when one has to
// go.
//
// A child is starting, then ready, and at last retiring: it takes no more jobs and ends once its
// last one has. Children are started as waiting jobs need them, up to a maximum. One idle child is
// kept; the others end after a while. A child retires early after a number of jobs, when a job left
// it suspect, or when a DAG file it has imported was changed.
import { after, type Timer } from '../clock.ts';
import type { Ending, FromChild } from '../ipc.ts';
import { ChildPort, type ChildSettings, type Exit } from './child-port.ts';
import { startGuard } from './guard.ts';
import type { Job, Seat } from './job.ts';

const RETIRE_GRACE_MS = 10_000;
/** After a child that could not even start, the next one is tried no sooner. */
const REST_MS = 1_000;
const LAST_WORDS_LENGTH_MAX = 2_000;
/**
 * A task that writes into the pipe of its own log lines must not keep its worker waiting for lines
 * that never come.
 */
const SETTLE_TURNS_MAX = 10_000;

/** Sizes and times of a pool. */
export type PoolSettings = ChildSettings & {
  readonly childrenMax: number;
  readonly jobsPerChild: number;
  /** Jobs after which a child is replaced. */
  readonly jobsMax: number;
  /** How long a child that is not the last may be idle. */
  readonly idleMs: number;
};

type Ended = Extract<FromChild, { kind: 'ended' }>;
type Entry = { readonly job: Job; ending: Ending | undefined };

type Child = {
  readonly port: ChildPort;
  readonly jobs: Map<number, Entry>;
  state: 'starting' | 'ready' | 'retiring' | 'gone';
  jobsCount: number;
  linesRead: number;
  /** What it printed before it was ready. */
  lastWords: string;
  idle: Timer | undefined;
};

/** Runs jobs in children. */
export class ChildPool {
  readonly #settings: PoolSettings;
  readonly #guard = startGuard();
  readonly #children = new Set<Child>();
  readonly #waiting = new Set<Job>();
  #rest: Timer | undefined;
  #isClosed = false;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
  }

  /** Sees to it that there is one child to come to. */
  warm(): void {
    if (this.#staying().length === 0 && !this.#isClosed) this.#spawn();
  }

  /** Runs a job as soon as a child has room. */
  run(job: Job): void {
    this.#waiting.add(job);
    this.#place();
  }

  /** Takes back a job that waits for a child; false when it has one. */
  withdraw(job: Job): boolean {
    return this.#waiting.delete(job);
  }

  /** Ends every child at once, with whatever it started. */
  close(): void {
    this.#isClosed = true;
    this.#rest?.cancel();
    for (const child of this.#children) child.port.signal('SIGKILL');
  }

  #place(): void {
    for (const job of this.#waiting) {
      const child = this.#roomiest();
      if (child === undefined) break;
      this.#waiting.delete(job);
      this.#seat(job, child);
    }
    this.#spawnForWaiting();
  }

  /**
   * Prefers a child that is busy already, so that idle ones can end; among equals the most used is
   * the warmest.
   */
  #roomiest(): Child | undefined {
    let best: Child | undefined;
    for (const child of this.#children) {
      if (child.state !== 'ready' || child.jobs.size >= this.#settings.jobsPerChild) continue;
      if (best === undefined || rank(child) > rank(best)) best = child;
    }
    return best;
  }

  #seat(job: Job, child: Child): void {
    child.jobsCount += 1;
    child.idle?.cancel();
    const seq = child.jobsCount;
    child.jobs.set(seq, { job, ending: undefined });
    child.port.say({ kind: 'run', order: job.order(seq) });
    job.started(this.#seatOf(child, seq));
    if (child.jobsCount >= this.#settings.jobsMax) this.#retire(child);
  }

  #seatOf(child: Child, seq: number): Seat {
    const { port, jobs } = child;
    return {
      isShared: () => jobs.size > 1,
      abort: (reason) => port.say({ kind: 'abort', seq, reason }),
      signal: (signal) => port.signal(signal),
      discard: () => this.#retire(child),
      // Code that has ended is not held back any more: what it printed is little, and its report
      // waits for it.
      pause: () => {
        if (jobs.get(seq)?.ending === undefined) port.pause();
      },
      resume: () => port.resume(),
    };
  }

  #spawnForWaiting(): void {
    if (this.#isClosed || this.#rest !== undefined) return;
    const { jobsPerChild, childrenMax } = this.#settings;
    const staying = this.#staying();
    const starting = staying.filter(({ state }) => state === 'starting').length;
    const wanted = Math.ceil(this.#waiting.size / jobsPerChild) - starting;
    const allowed = childrenMax - staying.length;
    for (let count = Math.min(wanted, allowed); count > 0; count -= 1) this.#spawn();
  }

  #staying(): Child[] {
    return [...this.#children].filter(({ state }) => state !== 'retiring');
  }

  #spawn(): void {
    const child: Child = {
      port: new ChildPort(this.#settings, this.#guard, {
        message: (message) => this.#hear(child, message),
        line: (seq, line) => {
          child.linesRead += 1;
          child.jobs.get(seq)?.job.line(line);
        },
        raw: (stream, bytes) => {
          newest(child)?.job.raw(stream, bytes);
          if (child.state === 'starting') child.lastWords = lastOf(child.lastWords + bytes);
        },
        exited: (exit) => this.#exited(child, exit),
      }),
      jobs: new Map(),
      state: 'starting',
      jobsCount: 0,
      linesRead: 0,
      lastWords: '',
      idle: undefined,
    };
    this.#children.add(child);
  }

  #hear(child: Child, message: FromChild): void {
    if (message.kind === 'ready') return this.#ready(child);
    const entry = child.jobs.get(message.seq);
    if (entry === undefined) return;
    if (message.kind === 'call') {
      const { call } = message;
      void entry.job
        .call(message.request)
        .then((answer) => child.port.say({ kind: 'answer', call, answer }));
    } else if (message.kind === 'outdated') {
      child.jobs.delete(message.seq);
      this.#retire(child);
      this.run(entry.job);
    } else {
      entry.ending = message.ending;
      if (message.isSuspect) this.#retire(child);
      child.port.resume();
      this.#settleWhenRead(child, message, entry);
    }
  }

  /**
   * What the code printed was written before it said that it ended. Its own lines are counted;
   * whatever else came through the pipes is read within two turns of the event loop, one to begin
   * reading pipes that were paused, one to read them.
   */
  #settleWhenRead(child: Child, ended: Ended, entry: Entry, turnsCount = 0): void {
    const isRead = turnsCount >= 2 && child.linesRead >= ended.linesCount;
    if (isRead || turnsCount > SETTLE_TURNS_MAX) return this.#settle(child, ended.seq, entry);
    setImmediate(() => this.#settleWhenRead(child, ended, entry, turnsCount + 1));
  }

  #ready(child: Child): void {
    if (child.state === 'starting') child.state = 'ready';
    this.#place();
    this.#idle(child);
  }

  #settle(child: Child, seq: number, { job, ending }: Entry): void {
    if (ending === undefined || !child.jobs.delete(seq)) return;
    job.ended(ending);
    if (child.state === 'retiring') this.#retire(child);
    this.#place();
    this.#idle(child);
  }

  #idle(child: Child): void {
    if (child.jobs.size > 0 || child.state !== 'ready') return;
    child.idle?.cancel();
    child.idle = after(this.#settings.idleMs, () => {
      if (child.jobs.size === 0 && this.#staying().length > 1) this.#retire(child);
    });
  }

  /** No more jobs for this child; without any it is told to end, and made to when it does not. */
  #retire(child: Child): void {
    if (child.state === 'gone') return;
    child.state = 'retiring';
    child.idle?.cancel();
    this.warm();
    if (child.jobs.size > 0) return;
    child.port.signal('SIGTERM');
    child.idle = after(RETIRE_GRACE_MS, () => child.port.signal('SIGKILL'));
  }

  #exited(child: Child, exit: Exit): void {
    const hadStarted = child.state !== 'starting';
    child.state = 'gone';
    child.idle?.cancel();
    this.#children.delete(child);
    if (child.jobs.size === 0) child.port.signal('SIGKILL');
    for (const { job, ending } of child.jobs.values()) {
      if (ending === undefined) job.exited(exit);
      else job.ended(ending);
    }
    child.jobs.clear();
    if (hadStarted) this.warm();
    else this.#refuseWaiting(`${exit.signal ?? `code ${exit.code}`}: ${child.lastWords}`);
    this.#place();
  }

  /**
   * A machine without memory or processes to spare is not helped by more attempts at starting one.
   */
  #refuseWaiting(how: string): void {
    if (this.#isClosed) return;
    for (const job of this.#waiting) {
      this.#waiting.delete(job);
      job.refused(`This worker cannot start a child; the last one ended with ${how}`);
    }
    this.#rest ??= after(REST_MS, () => {
      this.#rest = undefined;
      this.#place();
    });
  }
}

function rank(child: Child): number {
  return child.jobs.size * 1_000_000 + child.jobsCount;
}

function lastOf(words: string): string {
  return words.slice(-LAST_WORDS_LENGTH_MAX);
}

function newest(child: Child): Entry | undefined {
  return [...child.jobs.values()].at(-1);
}
