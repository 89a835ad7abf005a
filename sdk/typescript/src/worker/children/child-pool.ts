// The warm children of a worker: who runs what, when another one is started, and when one has to
// go.
//
// A child is starting, then ready, and at last retiring: it takes no more jobs and ends once its
// last one has. Children are started as waiting jobs need them, up to a maximum. One idle child is
// kept; the others end after a while. A child retires early after a number of jobs, when a job left
// it suspect, or when a DAG file it has imported was changed.
import { after, type Timer } from '../clock.ts';
import type { ChildSettings, Exit } from './child-port.ts';
import { startGuard } from './guard.ts';
import type { Job } from './job.ts';
import { type ChildOwner, PooledChild } from './pooled-child.ts';

const RETIRE_GRACE_MS = 10_000;
/** After a child that could not even start, the next one is tried no sooner. */
const REST_MS = 1_000;

/** Sizes and times of a pool. */
export type PoolSettings = ChildSettings & {
  readonly childrenMax: number;
  readonly jobsPerChild: number;
  /** Jobs after which a child is replaced. */
  readonly jobsMax: number;
  /** How long a child that is not the last may be idle. */
  readonly idleMs: number;
};

/** Runs jobs in children. */
export class ChildPool {
  readonly #settings: PoolSettings;
  readonly #guard = startGuard();
  readonly #children = new Set<PooledChild>();
  readonly #waiting = new Set<Job>();
  #rest: Timer | undefined;
  #isClosed = false;
  readonly #owner: ChildOwner = {
    ready: (child) => {
      if (child.state === 'starting') child.state = 'ready';
      this.#place();
      this.#idle(child);
    },
    settled: (child) => {
      if (child.state === 'retiring') this.#retire(child);
      this.#place();
      this.#idle(child);
    },
    spent: (child, again) => {
      this.#retire(child);
      if (again !== undefined) this.run(again);
    },
    exited: (child, exit) => this.#exited(child, exit),
  };

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
      child.take(job);
      if (child.jobsCount >= this.#settings.jobsMax) this.#retire(child);
    }
    this.#spawnForWaiting();
  }

  /**
   * Prefers a child that is busy already, so that idle ones can end; among equals the most used is
   * the warmest.
   */
  #roomiest(): PooledChild | undefined {
    let best: PooledChild | undefined;
    for (const child of this.#children) {
      if (child.state !== 'ready' || child.load >= this.#settings.jobsPerChild) continue;
      if (best === undefined || rank(child) > rank(best)) best = child;
    }
    return best;
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

  #staying(): PooledChild[] {
    return [...this.#children].filter(({ state }) => state !== 'retiring');
  }

  #spawn(): void {
    this.#children.add(new PooledChild(this.#settings, this.#guard, this.#owner));
  }

  #idle(child: PooledChild): void {
    if (child.load > 0 || child.state !== 'ready') return;
    child.idle?.cancel();
    child.idle = after(this.#settings.idleMs, () => {
      if (child.load === 0 && this.#staying().length > 1) this.#retire(child);
    });
  }

  /** No more jobs for this child; without any it is told to end, and made to when it does not. */
  #retire(child: PooledChild): void {
    if (child.state === 'gone') return;
    child.state = 'retiring';
    child.idle?.cancel();
    this.warm();
    if (child.load > 0) return;
    child.port.signal('SIGTERM');
    child.idle = after(RETIRE_GRACE_MS, () => child.port.signal('SIGKILL'));
  }

  #exited(child: PooledChild, exit: Exit): void {
    const hadStarted = child.state !== 'starting';
    child.state = 'gone';
    child.idle?.cancel();
    this.#children.delete(child);
    if (child.load === 0) child.port.signal('SIGKILL');
    child.abandon(exit);
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

function rank(child: PooledChild): number {
  return child.load * 1_000_000 + child.jobsCount;
}
