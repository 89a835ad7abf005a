// What began before a DAG was loaded, and counts towards the rates of its limit keys: the ledger is
// asked for it, and until it answers such a rate lets nothing begin.
import type { Dag } from '../dag.ts';
import { instancesOf } from '../instance.ts';
import type { DagVersion } from '../graph/dag-version.ts';
import type { Picture } from '../picture.ts';
import { TaskInstanceState } from '../state.ts';
import { unpark } from './admission.ts';
import { addBegin, watchRate } from './key-limits.ts';
import { keyOf, type KeyState, rateOf, tuneKey } from './limit.ts';

/** An attempt that began, at an instant in epoch milliseconds. */
export type AttemptBegin = { readonly attemptId: string; readonly atMs: number };

/** What the ledger is asked about a key. */
export type BeginsQuestion = {
  /** The version of the DAG for which it is asked. */
  readonly version: DagVersion;
  readonly dagId: string;
  /** Tasks that name the key. */
  readonly taskIds: readonly string[];
  /** Only what began later counts, epoch milliseconds. */
  readonly sinceMs: number;
  /** More than the newest so many make no difference. */
  readonly countMax: number;
};

/** Shuts the rates of a DAG that was just loaded until the ledger has told what began before. */
export function wantBegins(picture: Picture, dag: Dag): void {
  for (const { key } of dag.version.keyLimits) {
    const state = keyOf(dag, key);
    if (!Number.isFinite(state.rate.max)) continue;
    state.rate.window.reading = { begun: new Map(), givenBack: new Set() };
    tuneKey(dag, state);
    picture.beginsWanted.set(state, dag);
  }
}

/** Counts the instances of live runs, which were just loaded, that are about to begin. */
export function countQueued(dag: Dag): void {
  for (const { rate } of dag.keys.values()) rate.active = 0;
  for (const run of dag.runs.values()) {
    for (const { lane, state } of instancesOf(run)) {
      if (state !== TaskInstanceState.QUEUED) continue;
      for (const limit of lane.limits) if (limit.window !== undefined) limit.active += 1;
    }
  }
}

/** What to ask the ledger; undefined when the key has no rate any more. */
export function questionAbout(
  dag: Dag,
  { key }: KeyState,
  nowMs: number,
): BeginsQuestion | undefined {
  const { dagId, version } = dag;
  const { max, periodMs } = rateOf(dag, key);
  if (!Number.isFinite(max)) return undefined;
  const tasks = [version, ...dag.versions.values()].flatMap((each) => each.tasks);
  const named = tasks.filter(({ limitKeys }) => limitKeys.includes(key));
  const taskIds = [...new Set(named.map(({ taskId }) => taskId))];
  return { version, dagId, taskIds, sinceMs: nowMs - periodMs, countMax: max };
}

/**
 * The ledger told what began. What began or was given back while it was asked is known better here:
 * each attempt counts once. When the DAG has another version by now the ledger is asked again.
 */
export function takeBegins(
  picture: Picture,
  dag: Dag,
  state: KeyState,
  answer: {
    readonly question: BeginsQuestion | undefined;
    readonly begins: readonly AttemptBegin[];
    readonly nowMs: number;
  },
): void {
  const { rate } = state;
  const { reading } = rate.window;
  if (!dag.isOwned || reading === undefined) return;
  if (answer.question?.version !== dag.version && Number.isFinite(rateOf(dag, state.key).max)) {
    picture.beginsWanted.set(state, dag);
    return;
  }
  const told = answer.begins.filter(({ attemptId }) => !reading.givenBack.has(attemptId));
  const begun = new Map(told.map(({ attemptId, atMs }) => [attemptId, atMs]));
  for (const [attemptId, atMs] of reading.begun) begun.set(attemptId, atMs);
  rate.window.reading = undefined;
  rate.active -= reading.begun.size;
  tuneKey(dag, state);
  for (const atMs of [...begun.values()].sort((a, b) => a - b)) {
    if (atMs + rate.window.periodMs > answer.nowMs) addBegin(state, atMs);
  }
  watchRate(picture, dag, state);
  unpark(rate);
}
