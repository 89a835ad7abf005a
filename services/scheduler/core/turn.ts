// One decision's turn: the picture it changes, the change set it notes that in, the time it is taken at.
import type { ChangeSet } from './change-set.ts';
import type { Dag, Instance, Picture, Pool, Run } from './picture.ts';

/** What a decision gets. Nothing in it comes from a clock, chance or I/O, so the same turn always decides the same. */
export type Turn = {
  readonly picture: Picture;
  readonly changes: ChangeSet;
  /** Wall clock, epoch milliseconds. */
  readonly nowMs: number;
  /** Monotonic clock. */
  readonly monotonicMs: number;
  /** Makes an id that is unique for ever (UUIDv7). */
  readonly nextId: () => string;
  readonly stirred: Stirred;
};

/** What has to be looked at again before the turn ends, because something it depends on has changed. */
export type Stirred = {
  readonly instances: Instance[];
  readonly runs: Set<Run>;
  readonly dags: Set<Dag>;
  readonly pools: Set<Pool>;
};

/** Begins a turn. */
export function createTurn(turn: Omit<Turn, 'stirred'>): Turn {
  const stirred = { instances: [], runs: new Set<Run>(), dags: new Set<Dag>(), pools: new Set<Pool>() };
  return { ...turn, stirred };
}
