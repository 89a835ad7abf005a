// The run before: what depends_on_past and wait_for_downstream ask about.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Instance } from '../instance.ts';
import type { Dag } from '../dag.ts';
import type { Task } from '../graph/task.ts';
import type { Picture } from '../picture.ts';
import type { Run } from '../run/run.ts';
import { DagRunState, TaskInstanceState } from '../state.ts';

/** A run that has ended, as another looks at it. */
export type EndedBefore = {
  readonly runId: string;
  readonly logicalDateMs: number;
  /** States of its instances by task. */
  readonly states: ReadonlyMap<string, readonly TaskInstanceState[]>;
};

/** What the ledger told about the run before another. */
export type RunPast = {
  /** Undefined when there is no run before. */
  readonly before: EndedBefore | undefined;
  /** Tasks that have an instance in any earlier run. */
  readonly tasksWithPast: ReadonlySet<string>;
};

/** The run before, live or as the ledger had it. */
type Before =
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'run';
      readonly runId: string;
      readonly logicalDateMs: number;
      readonly statesOf: (taskId: string) => readonly TaskInstanceState[];
    };

/**
 * True while nothing can be decided in a run with tasks that look at the run before, as nobody
 * knows yet what that came to: the ledger is asked. To decide about the rest meanwhile would be to
 * decide in another order, and that may end otherwise.
 */
export function awaitsPast(picture: Picture, run: Run): boolean {
  if (!run.version.hasPast || findBefore(run).kind !== 'unknown') return false;
  picture.pastWanted.add(run);
  return true;
}

/** Whether the run before, which is known, lets an instance run. */
export function isPastMet({ run, task }: Instance): boolean {
  if (!task.dependsOnPast) return true;
  const before = findBefore(run);
  return before.kind === 'none' || (before.kind === 'run' && letsRun(run, task, before));
}

/** What the run before has that holds an instance back. */
export type UnmetPast = {
  /** The run before; undefined while the ledger is asked which it is. */
  readonly runId: string | undefined;
  /** The task itself, or one directly below it, with the states its instances have there. */
  readonly tasks: readonly {
    readonly taskId: string;
    readonly states: readonly TaskInstanceState[];
  }[];
};

/** What of the run before holds an instance back; undefined when nothing does. Changes nothing. */
export function unmetPast({ run, task }: Instance): UnmetPast | undefined {
  if (!run.version.hasPast || run.state !== DagRunState.RUNNING) return undefined;
  const before = findBefore(run);
  if (before.kind === 'unknown') return { runId: undefined, tasks: [] };
  if (!task.dependsOnPast || before.kind === 'none' || letsRun(run, task, before)) return undefined;
  const asked = task.waitsForDownstream ? [task, ...belowOf(run, task)] : [task];
  const tasks = asked.map(({ taskId }) => ({ taskId, states: before.statesOf(taskId) }));
  const isUnmet = ({ taskId, states }: (typeof tasks)[number]) =>
    !states.every(isPassed) || (taskId === task.taskId && states.length === 0);
  return { runId: before.runId, tasks: tasks.filter(isUnmet) };
}

/** Tasks whose state in a run matters to the run after it. */
export function tasksAskedAbout(run: Run): readonly string[] {
  const tasks = run.version.tasks.filter(({ dependsOnPast }) => dependsOnPast);
  const below = tasks.filter((task) => task.waitsForDownstream).flatMap((t) => belowOf(run, t));
  return [...new Set([...tasks, ...below].map(({ taskId }) => taskId))];
}

/**
 * The live runs that look at this one, which may have ended: those of later dates up to the next
 * one that counts for everybody.
 */
export function runsAfter(run: Run): readonly Run[] {
  const { dag, logicalDateMs } = run;
  if (logicalDateMs === undefined) return [];
  const found: Run[] = [];
  let isManualBetween = false;
  for (const other of laterRuns(dag, logicalDateMs)) {
    const isHidden = isManualBetween && !countsOnlyScheduled(other);
    if (!isHidden && looksAt(other, run, logicalDateMs)) found.push(other);
    isManualBetween ||= other.runType === RunType.MANUAL;
  }
  return found;
}

/** The runs that may look at one of a date: manual ones, and the first that is not. */
function laterRuns(dag: Dag, dateMs: number): readonly Run[] {
  let untilMs = Number.POSITIVE_INFINITY;
  for (const { logicalDateMs, runType } of dag.runs.values()) {
    if (logicalDateMs === undefined || logicalDateMs <= dateMs) continue;
    if (runType !== RunType.MANUAL) untilMs = Math.min(untilMs, logicalDateMs);
  }
  const isLater = ({ logicalDateMs = dateMs }: Run) =>
    logicalDateMs > dateMs && logicalDateMs <= untilMs;
  return [...dag.runs.values()]
    .filter(isLater)
    .toSorted((a, b) => (a.logicalDateMs ?? 0) - (b.logicalDateMs ?? 0));
}

function looksAt(other: Run, run: Run, dateMs: number): boolean {
  if (!other.version.hasPast) return false;
  if (countsOnlyScheduled(other) && run.runType === RunType.MANUAL) return false;
  return (endedBefore(other)?.logicalDateMs ?? Number.NEGATIVE_INFINITY) <= dateMs;
}

/** Keeps the states of a run that has ended for those that look at it. */
export function rememberPast(run: Run): void {
  const { logicalDateMs, runId } = run;
  if (logicalDateMs === undefined) return;
  for (const after of runsAfter(run)) {
    const states = new Map(
      tasksAskedAbout(after).map((taskId) => [taskId, liveStates(run, taskId)] as const),
    );
    after.pastSeen = { runId, logicalDateMs, states };
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
  const stored = endedBefore(run);
  const liveMs = live?.logicalDateMs;
  const isLive = stored === undefined || (liveMs !== undefined && liveMs >= stored.logicalDateMs);
  if (live !== undefined && liveMs !== undefined && isLive) {
    const statesOf = (taskId: string) => liveStates(live, taskId);
    return { kind: 'run', runId: live.runId, logicalDateMs: liveMs, statesOf };
  }
  if (stored === undefined) return { kind: 'none' };
  const { runId, logicalDateMs, states } = stored;
  return { kind: 'run', runId, logicalDateMs, statesOf: (taskId) => states.get(taskId) ?? [] };
}

/**
 * The latest run of an earlier date that has ended: what was seen here is newer than what the
 * ledger told of the same run.
 */
function endedBefore({ past, pastSeen }: Run): EndedBefore | undefined {
  const told = past?.before;
  if (told === undefined || pastSeen === undefined) return told ?? pastSeen;
  return pastSeen.logicalDateMs >= told.logicalDateMs ? pastSeen : told;
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
