// What holds a task instance back, in words: how Explain says things.
import { type Instance, nameOf } from '../instance.ts';

/** One thing that holds an instance back. */
export type Blocker = {
  /** As the contract lists them. */
  readonly kind: string;
  /** A task id, a pool, a queue, a DAG, a key. */
  readonly subject: string;
  /** A sentence with values. */
  readonly message: string;
  /** When it ends by itself, epoch milliseconds. */
  readonly untilMs?: number | undefined;
  /** What somebody could do to end it; absent when nothing but waiting helps. */
  readonly remedy?: string;
};

/** An instant as people read it, UTC; `never` when there is none. */
export function spellInstant(ms: number | undefined): string {
  return ms === undefined ? 'never' : new Date(ms).toISOString().replace('.000Z', 'Z');
}

/** A span as people read it: `45 s`, `12 min`, `3 h`. */
export function spellSpan(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}

/** A task instance as the command line takes it; shells leave `'load[3]'` as it is. */
export function spellTarget({ run, task, mapIndex }: Instance): string {
  const name = nameOf({ task, mapIndex });
  return `${run.dag.dagId} ${run.runId} ${mapIndex < 0 ? name : `'${name}'`}`;
}

/** A number of things: `1 run`, `2 runs`. */
export function spellCount(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
