// The run before: what depends_on_past and wait_for_downstream ask about.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Instance } from './instance.ts';
import type { Picture, Run } from './picture.ts';
import { TaskInstanceState } from './state.ts';
import type { Task } from './dag-version.ts';

/** What the ledger told about the run before another. */
export type RunPast = {
  /** Undefined when there is no run before. */
  readonly before:
    | {
        readonly runId: string;
        readonly logicalDateMs: number;
        /** States of its instances by task. */
        readonly states: ReadonlyMap<string, readonly TaskInstanceState[]>;
      }
    | undefined;
  /** Tasks that have an instance in any earlier run. */
  readonly tasksWithPast: ReadonlySet<string>;
};

/** The run before, live or as the ledger had it. */
type Before =
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'run';
      readonly logicalDateMs: number;
      readonly statesOf: (taskId: string) => readonly TaskInstanceState[];
    };

/** Whether the run before lets an instance run; when that is not known yet, the ledger is asked. */
export function isPastMet(picture: Picture, instance: Instance): boolean {
  if (instance.isPastMet) return true;
  const { run, task } = instance;
  if (!task.dependsOnPast) return true;
  const before = findBefore(run);
  if (before.kind === 'unknown') {
    picture.pastWanted.add(run);
    return false;
  }
  const isMet = before.kind === 'none' || letsRun(run, task, before);
  if (isMet) instance.isPastMet = true;
  return isMet;
}

/** The tasks of the run before that hold an instance back, by id. */
export function unmetPast(instance: Instance): readonly string[] {
  const { run, task } = instance;
  const before = findBefore(run);
  if (before.kind !== 'run') return [];
  const asked = task.waitsForDownstream ? [task, ...belowOf(run, task)] : [task];
  return asked
    .filter(({ taskId }) => !before.statesOf(taskId).every(isPassed))
    .map(({ taskId }) => taskId);
}

/** Tasks whose state in a run matters to the run after it. */
export function tasksAskedAbout(run: Run): readonly string[] {
  const tasks = run.version.tasks.filter(({ dependsOnPast }) => dependsOnPast);
  const below = tasks.filter((task) => task.waitsForDownstream).flatMap((t) => belowOf(run, t));
  return [...new Set([...tasks, ...below].map(({ taskId }) => taskId))];
}

/** The live runs that look at this one. */
export function runsAfter(run: Run): readonly Run[] {
  const { dag, logicalDateMs } = run;
  if (logicalDateMs === undefined) return [];
  return [...dag.runs.values()].filter((other) => {
    if (other.logicalDateMs === undefined || other.logicalDateMs <= logicalDateMs) return false;
    return other.version.hasPast && liveBefore(other) === run;
  });
}

/** Keeps the states of a run that ends for those that look at it. */
export function rememberPast(run: Run): void {
  if (run.logicalDateMs === undefined) return;
  for (const after of runsAfter(run)) {
    const states = new Map(
      tasksAskedAbout(after).map((taskId) => [taskId, liveStates(run, taskId)] as const),
    );
    const withPast = [...states].filter(([, each]) => each.length > 0).map(([taskId]) => taskId);
    after.past = {
      before: { runId: run.runId, logicalDateMs: run.logicalDateMs, states },
      tasksWithPast: new Set([...(after.past?.tasksWithPast ?? []), ...withPast]),
    };
  }
}

/** True when manual runs do not count as the run before. */
export function countsOnlyScheduled(run: Run): boolean {
  return run.version.catchup;
}

function letsRun(run: Run, task: Task, before: Extract<Before, { kind: 'run' }>): boolean {
  if (run.version.catchup && task.startMs !== undefined && before.logicalDateMs < task.startMs) {
    return true;
  }
  const states = before.statesOf(task.taskId);
  if (states.length === 0) {
    const hasPast = run.past?.tasksWithPast.has(task.taskId) ?? false;
    return !task.heedsFirstPast && !hasPast;
  }
  if (!states.every(isPassed)) return false;
  if (!task.waitsForDownstream) return true;
  return belowOf(run, task).every(({ taskId }) => before.statesOf(taskId).every(isPassed));
}

function findBefore(run: Run): Before {
  // Without a date there is no order; the first of a backfill begins the row.
  if (run.logicalDateMs === undefined || run.backfillOrdinal === 1) return { kind: 'none' };
  if (run.past === undefined) return { kind: 'unknown' };
  const live = liveBefore(run);
  const stored = run.past.before;
  const liveMs = live?.logicalDateMs;
  const isLive = stored === undefined || (liveMs !== undefined && liveMs >= stored.logicalDateMs);
  if (live !== undefined && liveMs !== undefined && isLive) {
    const statesOf = (taskId: string) => liveStates(live, taskId);
    return { kind: 'run', logicalDateMs: liveMs, statesOf };
  }
  if (stored === undefined) return { kind: 'none' };
  const { logicalDateMs, states } = stored;
  return { kind: 'run', logicalDateMs, statesOf: (taskId) => states.get(taskId) ?? [] };
}

/** The latest live run of an earlier date. */
function liveBefore(run: Run): Run | undefined {
  const untilMs = run.logicalDateMs ?? Number.NEGATIVE_INFINITY;
  let latest: Run | undefined;
  for (const other of run.dag.runs.values()) {
    const { logicalDateMs } = other;
    if (logicalDateMs === undefined || logicalDateMs >= untilMs) continue;
    if (countsOnlyScheduled(run) && other.runType === RunType.MANUAL) continue;
    if (latest === undefined || logicalDateMs > (latest.logicalDateMs ?? 0)) latest = other;
  }
  return latest;
}

/** A run that has not begun has its instances, untouched, all the same. */
function liveStates(run: Run, taskId: string): readonly TaskInstanceState[] {
  const index = run.version.taskIndexes.get(taskId);
  if (index === undefined) return [];
  const instances = run.nodes[index]?.instances;
  return instances?.map(({ state }) => state) ?? [TaskInstanceState.NONE];
}

function belowOf(run: Run, task: Task): readonly Task[] {
  return task.downstream.flatMap((index) => run.version.tasks[index] ?? []);
}

function isPassed(state: TaskInstanceState): boolean {
  return state === TaskInstanceState.SUCCESS || state === TaskInstanceState.SKIPPED;
}
