// Limits: upper bounds on how many instances of a run, a task, a DAG or a key go on at once.
import type { KeyLimit } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { fromDuration } from '#kernel/clock/timestamp.ts';
import type { Dag } from '../dag.ts';
import type { Task } from '../graph/task.ts';
import type { Lane, Pool } from '../lines.ts';
import type { Run } from '../run/run.ts';
import type { Heap } from '../heap.ts';

/** An upper bound on instances. Nothing of a lane passes while one of its limits is exhausted. */
export type Limit = {
  readonly kind: LimitKind;
  /** What it is about: a task, a run, a DAG, a key. */
  readonly subject: string;
  max: number;
  /** Instances that count now: those queued or running; of a rate, see `RateWindow`. */
  active: number;
  /** Lanes that found it exhausted, by the pool they wait for, best rank first. */
  readonly parked: Map<Pool, Heap<Lane>>;
  /** Undefined for all but rates. */
  readonly window: RateWindow | undefined;
};

/** The kinds of limits, as Explain names them. */
export type LimitKind =
  | 'dag_paused'
  | 'active_tasks_max'
  | 'active_tis_per_dag_max'
  | 'active_tis_per_dagrun_max'
  | 'key_limit'
  | 'key_rate'
  | 'key_paused';

/**
 * What a rate counts: instances that began within the last period, and those that are queued, since
 * they may begin at any moment. So in no span of that length more than the maximum begin, whenever
 * workers take them.
 */
export type RateWindow = {
  /** Length in milliseconds. */
  periodMs: number;
  /** Those that count, oldest first. */
  readonly begins: Begins[];
  /** For which instant the end of the oldest stands on the agenda, epoch milliseconds. */
  watchedMs: number | undefined;
  /** While the ledger is asked what began before the DAG was loaded; undefined once it is known. */
  reading: Reading | undefined;
};

/** What the ledger may not know yet, while it is asked: attempts, with when they began. */
export type Reading = { readonly begun: Map<string, number>; readonly givenBack: Set<string> };

/** Instances that began in one millisecond. */
export type Begins = { readonly atMs: number; count: number };

/** Where a limit key stands: its three limits are there from the beginning, open when unused. */
export type KeyState = {
  readonly key: string;
  readonly active: Limit;
  readonly rate: Limit & { readonly window: RateWindow };
  /** Shut while the key is paused. */
  readonly gate: Limit;
  /** Until when it is paused, epoch milliseconds; undefined when it is not. */
  pausedUntilMs: number | undefined;
};

/** A limit that nothing counts towards yet. */
export function createLimit(kind: LimitKind, subject: string, max: number): Limit {
  return { kind, subject, max, active: 0, parked: new Map(), window: undefined };
}

/** True when one more may pass. */
export function hasRoom({ active, max }: Limit): boolean {
  return active < max;
}

/** The first limit that holds an instance of this lane up now; undefined when none does. */
export function exhaustedLimit({ limits }: Lane): Limit | undefined {
  for (const limit of limits) if (limit.active >= limit.max) return limit;
  return undefined;
}

/** False while what is queued may not begin: its DAG or a key is paused, or a rate exhausted. */
export function mayBegin({ limits }: Lane): boolean {
  return limits.every(
    ({ active, max, window }) => max > 0 && (window === undefined || active < max),
  );
}

/** What instances of a task count towards in a run. */
export function limitsOf(run: Run, task: Task): readonly Limit[] {
  const { activeTisPerDagMax, activeTisPerDagrunMax, limitKeys, taskId } = task;
  // What tells people of a DAG's end does so while it is paused, too.
  const limits = run.runType === RunType.CALLBACK ? [] : [run.dag.gate, run.limit];
  if (activeTisPerDagMax > 0) limits.push(taskLimit(run.dag, task));
  if (activeTisPerDagrunMax > 0) {
    limits.push(createLimit('active_tis_per_dagrun_max', taskId, activeTisPerDagrunMax));
  }
  for (const key of new Set(limitKeys)) {
    const { active, rate, gate } = keyOf(run.dag, key);
    limits.push(gate, active, rate);
  }
  return limits;
}

/** Where a key of a DAG stands; one that no task has named before is open or as its spec says. */
export function keyOf(dag: Dag, key: string): KeyState {
  const known = dag.keys.get(key);
  if (known !== undefined) return known;
  const window = { periodMs: 0, begins: [], watchedMs: undefined, reading: undefined };
  const state: KeyState = {
    key,
    active: createLimit('key_limit', key, Number.POSITIVE_INFINITY),
    rate: { ...createLimit('key_rate', key, Number.POSITIVE_INFINITY), window },
    gate: createLimit('key_paused', key, Number.POSITIVE_INFINITY),
    pausedUntilMs: undefined,
  };
  dag.keys.set(key, state);
  tuneKey(dag, state);
  return state;
}

/** Gives a key the numbers of the DAG's newest version. */
export function tuneKey(dag: Dag, { key, active, rate }: KeyState): void {
  const { max, periodMs } = rateOf(dag, key);
  active.max = specOf(dag, key)?.activeMax || Number.POSITIVE_INFINITY;
  rate.max = rate.window.reading !== undefined && Number.isFinite(max) ? 0 : max;
  rate.window.periodMs = periodMs;
}

/** The rate of a key in the DAG's newest version: infinite when it has none. */
export function rateOf(dag: Dag, key: string): { readonly max: number; readonly periodMs: number } {
  const spec = specOf(dag, key);
  const periodMs = fromDuration(spec?.ratePeriod) ?? 0;
  return { max: (periodMs > 0 && spec?.rateCount) || Number.POSITIVE_INFINITY, periodMs };
}

function specOf(dag: Dag, key: string): KeyLimit | undefined {
  return dag.version.keyLimits.find((each) => each.key === key);
}

/** The limit over all runs; the newest version's number counts. */
function taskLimit(dag: Dag, task: Task): Limit {
  const known = dag.taskLimits.get(task.taskId);
  if (known !== undefined) {
    known.max = task.activeTisPerDagMax;
    return known;
  }
  const limit = createLimit('active_tis_per_dag_max', task.taskId, task.activeTisPerDagMax);
  dag.taskLimits.set(task.taskId, limit);
  return limit;
}
