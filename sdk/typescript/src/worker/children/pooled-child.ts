// One child of the pool with the jobs it runs: what it says of them, and when each has ended.
import type { Timer } from '../clock.ts';
import type { Ending, FromChild } from '../ipc.ts';
import { ChildPort, type ChildSettings, type Exit } from './child-port.ts';
import type { Guard } from './guard.ts';
import type { Job, Seat } from './job.ts';

const LAST_WORDS_LENGTH_MAX = 2_000;
/**
 * A task that writes into the pipe of its own log lines must not keep its worker waiting for lines
 * that never come.
 */
const SETTLE_TURNS_MAX = 10_000;

type Ended = Extract<FromChild, { kind: 'ended' }>;
type Entry = { readonly job: Job; ending: Ending | undefined };

/** What a child makes its pool do. */
export type ChildOwner = {
  /** It can take jobs. */
  ready(child: PooledChild): void;
  /** A job has left it. */
  settled(child: PooledChild): void;
  /** It must take no more jobs; `again` is one that another child has to run. */
  spent(child: PooledChild, again?: Job): void;
  exited(child: PooledChild, exit: Exit): void;
};

/** A child that is starting, then ready, at last retiring, and gone. */
export class PooledChild {
  readonly port: ChildPort;
  state: 'starting' | 'ready' | 'retiring' | 'gone' = 'starting';
  /** Ends it when it stays without jobs. */
  idle: Timer | undefined;
  readonly #owner: ChildOwner;
  readonly #jobs = new Map<number, Entry>();
  #jobsCount = 0;
  #linesRead = 0;
  #lastWords = '';

  constructor(settings: ChildSettings, guard: Guard, owner: ChildOwner) {
    this.#owner = owner;
    this.port = new ChildPort(settings, guard, {
      message: (message) => this.#hear(message),
      line: (seq, line) => {
        this.#linesRead += 1;
        this.#jobs.get(seq)?.job.line(line);
      },
      raw: (stream, bytes) => {
        [...this.#jobs.values()].at(-1)?.job.raw(stream, bytes);
        if (this.state !== 'starting') return;
        this.#lastWords = (this.#lastWords + bytes).slice(-LAST_WORDS_LENGTH_MAX);
      },
      exited: (exit) => owner.exited(this, exit),
    });
  }

  /** Jobs that it runs now. */
  get load(): number {
    return this.#jobs.size;
  }

  /** Jobs that it was ever given. */
  get jobsCount(): number {
    return this.#jobsCount;
  }

  /** What it printed before it was ready. */
  get lastWords(): string {
    return this.#lastWords;
  }

  /** Gives it a job. */
  take(job: Job): void {
    this.idle?.cancel();
    this.#jobsCount += 1;
    const seq = this.#jobsCount;
    this.#jobs.set(seq, { job, ending: undefined });
    this.port.say({ kind: 'run', order: job.order(seq) });
    job.started(this.#seatOf(seq));
  }

  /** It is gone: so are its jobs, as they had ended or with its exit. */
  abandon(exit: Exit): void {
    for (const { job, ending } of this.#jobs.values()) {
      if (ending === undefined) job.exited(exit);
      else job.ended(ending);
    }
    this.#jobs.clear();
  }

  #seatOf(seq: number): Seat {
    return {
      isShared: () => this.#jobs.size > 1,
      abort: (reason) => this.port.say({ kind: 'abort', seq, reason }),
      signal: (signal) => this.port.signal(signal),
      discard: () => this.#owner.spent(this),
      // Code that has ended is not held back any more: what it printed is little, and its report
      // waits for it.
      pause: () => {
        if (this.#jobs.get(seq)?.ending === undefined) this.port.pause();
      },
      resume: () => this.port.resume(),
    };
  }

  #hear(message: FromChild): void {
    if (message.kind === 'ready') return this.#owner.ready(this);
    const entry = this.#jobs.get(message.seq);
    if (entry === undefined) return;
    if (message.kind === 'call') {
      const { call } = message;
      void entry.job
        .call(message.request)
        .then((answer) => this.port.say({ kind: 'answer', call, answer }));
    } else if (message.kind === 'outdated') {
      this.#jobs.delete(message.seq);
      this.#owner.spent(this, entry.job);
    } else {
      entry.ending = message.ending;
      if (message.isSuspect) this.#owner.spent(this);
      this.port.resume();
      this.#settleWhenRead(message, entry);
    }
  }

  /**
   * What the code printed was written before it said that it ended. Its own lines are counted;
   * whatever else came through the pipes is read within two turns of the event loop, one to begin
   * reading pipes that were paused, one to read them.
   */
  #settleWhenRead(ended: Ended, { job, ending }: Entry, turnsCount = 0): void {
    const isRead = turnsCount >= 2 && this.#linesRead >= ended.linesCount;
    if (!isRead && turnsCount <= SETTLE_TURNS_MAX) {
      setImmediate(() => this.#settleWhenRead(ended, { job, ending }, turnsCount + 1));
    } else if (ending !== undefined && this.#jobs.delete(ended.seq)) {
      job.ended(ending);
      this.#owner.settled(this);
    }
  }
}
