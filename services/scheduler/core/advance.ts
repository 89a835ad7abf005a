// How states follow from one another inside a run: what a finished instance decides, to a fixpoint
// in one go.
import { admitAll, enterLane, leaveLane, release } from './admission.ts';
import type { ChangeSet } from './change-set.ts';
import { joinHeap, leaveHeap } from './heap.ts';
import { type Dag, type Instance, type Picture, queueOf, type Run } from './picture.ts';
import {
  DagRunState,
  isActive,
  isFinished,
  isRunFinished,
  isStirring,
  TaskInstanceState,
} from './state.ts';
import { judge } from './trigger-rule.ts';

/** What deciding needs beside the picture. */
export type Deciding = {
  readonly picture: Picture;
  readonly changes: ChangeSet;
  readonly nowMs: number;
  /** Called with each run that has ended, once. */
  readonly onRunEnd: (run: Run) => void;
  /** Starts what waited for the runs that have ended. */
  readonly followEnded: () => void;
};

/**
 * Looks at instances whose dependencies may be met now, and at all that follows from that; then
 * admits what it freed.
 */
export function advance(deciding: Deciding, run: Run, first: Iterable<Instance>): void {
  const open = [...first];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.state !== TaskInstanceState.NONE || isRunFinished(run.state)) continue;
    switch (judge(next.task.rule, next.upstream)) {
      case 'wait':
        break;
      case 'run':
        open.push(...makeReady(deciding, next));
        break;
      case 'skip':
        open.push(...settle(deciding, next, TaskInstanceState.SKIPPED));
        break;
      case 'fail':
        open.push(...settle(deciding, next, TaskInstanceState.UPSTREAM_FAILED));
        break;
    }
  }
  endIfDone(deciding, run);
}

/** An instance finished: sets its state and advances its run. */
export function finish(
  deciding: Deciding,
  instance: Instance,
  state: TaskInstanceState,
  reason = '',
): void {
  const downstream = settle(deciding, instance, state, reason);
  advance(deciding, instance.run, downstream);
}

/** Sets a final state; answers the instances that may be decided by it. */
export function settle(
  { changes, picture, nowMs }: Deciding,
  instance: Instance,
  state: TaskInstanceState,
  reason = '',
): Instance[] {
  const { run } = instance;
  moveTo(picture, instance, state);
  instance.startMs ??= nowMs;
  instance.endMs = nowMs;
  instance.nextTryMs = undefined;
  instance.stateReason = reason;
  run.unfinishedCount -= 1;
  changes.instances.add(instance);
  return instance.task.downstream.flatMap((index) => {
    const below = run.instances[index];
    if (below === undefined) return [];
    count(below, state, 1);
    return [below];
  });
}

/**
 * Moves an instance between states with all that hangs on it: lanes, queues, limits, slots, counts.
 */
export function moveTo(picture: Picture, instance: Instance, state: TaskInstanceState): void {
  const { run } = instance;
  if (instance.state === TaskInstanceState.SCHEDULED) leaveLane(instance);
  if (instance.state === TaskInstanceState.QUEUED) {
    leaveHeap(queueOf(picture, instance.task.queue).ready, instance);
    picture.heldBack.delete(instance);
  }
  if (isActive(instance.state) && !isActive(state)) release(instance);
  if (isStirring(instance.state)) run.stirringCount -= 1;
  instance.state = state;
  if (isStirring(state)) run.stirringCount += 1;
}

/**
 * Its dependencies are met, or it is to be tried again: it waits for limits, slots, and a worker.
 */
export function schedule({ picture, changes, nowMs }: Deciding, instance: Instance): void {
  moveTo(picture, instance, TaskInstanceState.SCHEDULED);
  instance.scheduledAtMs = nowMs;
  instance.nextTryMs = undefined;
  instance.stateReason = '';
  enterLane(instance);
  changes.instances.add(instance);
}

/** Offers an instance that keeps its slots to workers again, at once. */
export function offerAgain(picture: Picture, changes: ChangeSet, instance: Instance): void {
  instance.state = TaskInstanceState.QUEUED;
  joinHeap(queueOf(picture, instance.task.queue).ready, instance);
  changes.instances.add(instance);
}

/** Counts a final state of an upstream instance, or takes it back with −1. */
export function count(below: Instance, state: TaskInstanceState, by: 1 | -1): void {
  const { upstream } = below;
  if (state === TaskInstanceState.SUCCESS) upstream.success += by;
  if (state === TaskInstanceState.SKIPPED) upstream.skipped += by;
  if (state === TaskInstanceState.FAILED) upstream.failed += by;
  if (state === TaskInstanceState.UPSTREAM_FAILED) upstream.upstreamFailed += by;
  if (state === TaskInstanceState.REMOVED) upstream.removed += by;
}

/** Ends a run: its state, its place in its DAG, and the turn of the next one. */
export function endRun(
  { changes, nowMs, onRunEnd }: Deciding,
  run: Run,
  end: { readonly state: DagRunState; readonly reason: string },
): void {
  const { dag } = run;
  leaveActive(dag, run);
  run.state = end.state;
  run.stateReason = end.reason;
  run.startMs ??= nowMs;
  run.endMs = nowMs;
  changes.runs.add(run);
  dag.runs.delete(run.runId);
  onRunEnd(run);
}

/** Starts the next runs where some have ended, and queues what pools and limits admit now. */
export function admitNow({ picture, changes, nowMs, followEnded }: Deciding): void {
  followEnded();
  admitAll(picture, changes, nowMs);
}

function leaveActive(dag: Dag, run: Run): void {
  if (run.state === DagRunState.RUNNING) dag.runningCount -= 1;
  else leaveHeap(dag.queuedRuns, run);
}

function makeReady(deciding: Deciding, instance: Instance): Instance[] {
  if (instance.task.isEmpty) return settle(deciding, instance, TaskInstanceState.SUCCESS);
  schedule(deciding, instance);
  return [];
}

/**
 * A run whose instances are all finished ends as its leaves did; one that nothing can move any more
 * fails.
 */
function endIfDone(deciding: Deciding, run: Run): void {
  if (isRunFinished(run.state)) return;
  if (run.unfinishedCount > 0) {
    if (run.stirringCount > 0) return;
    const state = DagRunState.FAILED;
    return endRun(deciding, run, { state, reason: 'all_tasks_deadlocked' });
  }
  const hasFailed = run.version.leaves.some((index) => {
    const state = run.instances[index]?.state;
    return state === TaskInstanceState.FAILED || state === TaskInstanceState.UPSTREAM_FAILED;
  });
  const state = hasFailed ? DagRunState.FAILED : DagRunState.SUCCESS;
  endRun(deciding, run, { state, reason: hasFailed ? 'task_failure' : '' });
}

/**
 * Finishes everything that is not finished, without looking at rules: for runs that are ended from
 * outside.
 */
export function settleAll(
  deciding: Deciding,
  run: Run,
  choose: (instance: Instance) => TaskInstanceState,
): void {
  for (const instance of run.instances) {
    if (!isFinished(instance.state)) settle(deciding, instance, choose(instance));
  }
}
