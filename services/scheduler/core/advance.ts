// How states follow from one another inside a run: what a finished instance decides, to a fixpoint
// in one go.
import { admitAll, enterLane, expectBegin, leaveLane, release } from './limit/admission.ts';
import type { ChangeSet } from './change-set.ts';
import { addMissing, expansionOf, expandTo, markStale } from './mapping/expand.ts';
import { leaveLine, standInLine } from './limit/fair-line.ts';
import { leaveHeap } from './heap.ts';
import type { Instance, Node } from './instance.ts';
import { type AttemptFailure, type Dag, type Picture, queueOf, type Run } from './picture.ts';
import { urgencyOf } from './limit/rank.ts';
import { countState, spanBelow } from './graph/relevant.ts';
import { endIfDone } from './run/run-end.ts';
import { isUncounted } from './run/runs.ts';
import { startBuiltIn } from './graph/built-in.ts';
import { DagRunState, isFinished, isStirring, TaskInstanceState } from './state.ts';
import type { Verdict } from './graph/trigger-rule.ts';
import { isOutOfDates, isUnexpanded, verdictOf } from './graph/verdict.ts';
import { followPast, leavePast, notePast } from './past/past-moves.ts';

/** What deciding needs beside the picture. */
export type Deciding = {
  readonly picture: Picture;
  readonly changes: ChangeSet;
  readonly nowMs: number;
  readonly newId: () => string;
  /** Called with each run that has ended, once. */
  readonly onRunEnd: (run: Run) => void;
  /** Starts what waited for the runs that have ended. */
  readonly followEnded: () => void;
  /** Instances that ended by their own doing or will be tried again: who is to be told. */
  readonly onInstanceEnd: (instance: Instance, error?: AttemptFailure) => void;
  /** Runs in which tasks are looked at again because of the run before. */
  readonly pastMoved: Map<Run, Set<Node>>;
};

/** Instances to look at: some of a node's by place, or all that are open. */
export type Look = { readonly node: Node; readonly from: number; readonly to: number };

/** All open instances of a task. */
export function lookAt(node: Node): Look {
  return { node, from: 0, to: Number.POSITIVE_INFINITY };
}

/**
 * Looks at instances whose dependencies may be met now, and at all that follows from that; ends the
 * run when it is done. Nothing begins in a run that has not.
 */
export function advance(deciding: Deciding, run: Run, first: Iterable<Look>): void {
  let level = [...first];
  while (level.length > 0 && run.state === DagRunState.RUNNING)
    level = decideLevel(deciding, level);
  endIfDone(deciding, run);
}

/** An instance finished by its own doing: sets its state and advances its run. */
export function finish(
  deciding: Deciding,
  instance: Instance,
  state: TaskInstanceState,
  reason = '',
): void {
  advance(deciding, instance.run, conclude(deciding, instance, state, reason));
}

/**
 * Sets the final state that an instance came to by its own doing, of which whoever wants to know is
 * told; answers where it may decide something.
 */
export function conclude(
  deciding: Deciding,
  instance: Instance,
  state: TaskInstanceState,
  reason = '',
): Look[] {
  const looks = settle(deciding, instance, state, reason);
  deciding.onInstanceEnd(instance);
  return looks;
}

/** Sets a final state, silently; answers where it may decide something. */
export function settle(
  deciding: Deciding,
  instance: Instance,
  state: TaskInstanceState,
  reason = '',
): Look[] {
  const { changes, picture, nowMs } = deciding;
  const { run } = instance;
  if (isFinished(instance.state)) takeBack(instance);
  else run.unfinishedCount -= 1;
  moveTo(picture, instance, state);
  instance.startMs ??= nowMs;
  instance.endMs = nowMs;
  instance.nextTryMs = undefined;
  instance.wait = undefined;
  instance.stateReason = reason;
  changes.instances.add(instance);
  notePast(deciding, instance);
  return countBelow(instance, 1);
}

/** Takes back what a finished instance counted for: it starts over. */
export function unsettle(deciding: Deciding, instance: Instance): void {
  uncount(instance);
  instance.run.unfinishedCount += 1;
  notePast(deciding, instance);
}

/**
 * Moves an instance between states with all that hangs on it: lanes, queues, limits, slots, counts.
 */
export function moveTo(picture: Picture, instance: Instance, state: TaskInstanceState): void {
  const { run, node } = instance;
  if (instance.state === TaskInstanceState.SCHEDULED) leaveLane(instance);
  if (instance.state === TaskInstanceState.QUEUED) {
    leaveLine(instance);
    picture.heldBack.delete(instance);
  }
  release(instance, state);
  if (isStirring(instance.state)) run.stirringCount -= 1;
  if (instance.state === TaskInstanceState.NONE) node.openCount -= 1;
  if (instance.state === TaskInstanceState.DEFERRED) {
    picture.waits.delete(instance.wait?.waitId ?? '');
  }
  instance.state = state;
  if (isStirring(state)) run.stirringCount += 1;
  if (state === TaskInstanceState.NONE) node.openCount += 1;
}

/**
 * Its dependencies are met, or it is to be tried again: it waits for limits, slots, and a worker.
 */
export function schedule({ picture, changes, nowMs }: Deciding, instance: Instance): void {
  moveTo(picture, instance, TaskInstanceState.SCHEDULED);
  instance.scheduledAtMs = nowMs;
  instance.urgency = urgencyOf(picture.timing, instance.task.priority, nowMs);
  instance.nextTryMs = undefined;
  instance.stateReason = '';
  enterLane(instance);
  changes.instances.add(instance);
}

/** Offers an instance that keeps its slots to workers again, at once. */
export function offerAgain(picture: Picture, changes: ChangeSet, instance: Instance): void {
  instance.state = TaskInstanceState.QUEUED;
  expectBegin(instance);
  standInLine(queueOf(picture, instance.task.queue).ready, instance);
  changes.instances.add(instance);
}

/** Ends a run: its state, its place in its DAG, and the turn of the next one. */
export function endRun(
  deciding: Deciding,
  run: Run,
  end: { readonly state: DagRunState; readonly reason: string },
): void {
  const { changes, nowMs, onRunEnd } = deciding;
  const { dag } = run;
  leaveActive(dag, run);
  leavePast(deciding, run);
  run.state = end.state;
  run.stateReason = end.reason;
  run.startMs ??= nowMs;
  run.endMs = nowMs;
  changes.runs.add(run);
  dag.runs.delete(run.runId);
  onRunEnd(run);
}

/** Starts the next runs where some have ended, and queues what pools and limits admit now. */
export function admitNow(deciding: Deciding): void {
  const { picture, changes, nowMs } = deciding;
  deciding.followEnded();
  followPast(deciding);
  admitAll(picture, changes, nowMs);
}

/**
 * Finishes everything that is not finished, without looking at rules: for runs that are ended from
 * outside. Instances for which there is no choice are left alone.
 */
export function settleAll(
  deciding: Deciding,
  run: Run,
  choose: (instance: Instance) => TaskInstanceState | undefined,
): void {
  for (const node of run.nodes) {
    dropMissing(node);
    for (const instance of node.instances) {
      const state = isFinished(instance.state) ? undefined : choose(instance);
      if (state !== undefined) settle(deciding, instance, state);
    }
  }
}

/** Skips instances of tasks that have not begun; answers where that may decide something. */
export function skipTasks(deciding: Deciding, run: Run, indexes: readonly number[]): Look[] {
  return indexes.flatMap((index) => {
    const instances = run.nodes[index]?.instances ?? [];
    return instances.flatMap((instance) => {
      if (isFinished(instance.state) || instance.attempt !== undefined) return [];
      return settle(deciding, instance, TaskInstanceState.SKIPPED, 'not followed');
    });
  });
}

/** Instances that were announced and not made yet are not made any more. */
export function dropMissing(node: Node): void {
  addMissing(node, -node.missingCount);
}

function leaveActive(dag: Dag, run: Run): void {
  if (run.state !== DagRunState.RUNNING) leaveHeap(dag.queuedRuns, run);
  else if (!isUncounted(run)) dag.runningCount -= 1;
}

/** What was decided about an instance. */
type Decision = { readonly verdict: Exclude<Verdict, 'wait'>; readonly reason: string };

/** What is looked at on one level, and what was decided there. */
type Level = {
  readonly open: Look[];
  readonly decisions: Map<Instance, Decision>;
  /** Nodes all of whose instances were looked at. */
  readonly seen: Set<Node>;
  /** What the next level looks at beside what follows from the decisions. */
  readonly next: Look[];
};

/**
 * Decides about everything that is looked at before any of it takes effect; answers what to look at
 * next. So the end does not depend on the order within a level: a task above which one is skipped
 * and another fails at once has failed, as with Airflow, which freezes what it knows for each pass.
 */
function decideLevel(deciding: Deciding, looks: readonly Look[]): Look[] {
  const level: Level = { open: [...looks], decisions: new Map(), seen: new Set(), next: [] };
  // It grows while it is walked: new instances are looked at on the level that makes them.
  for (const look of level.open) examine(deciding, look, level);
  const below = [...level.decisions].flatMap(([instance, decision]) =>
    carryOut(deciding, instance, decision),
  );
  return [...level.next, ...below];
}

/** Looks at the open ones among some instances. */
function examine(deciding: Deciding, { node, from, to }: Look, level: Level): void {
  const isWhole = from === 0 && to >= node.instances.length;
  if (node.openCount === 0 || (isWhole && level.seen.has(node))) return;
  if (isWhole) level.seen.add(node);
  const end = Math.min(to, node.instances.length);
  for (let at = from; at < end; at++) {
    const instance = node.instances[at];
    if (instance?.state !== TaskInstanceState.NONE || level.decisions.has(instance)) continue;
    const verdict = verdictOf(deciding.picture, instance);
    if (verdict === 'wait') {
      if (sharesVerdict(node)) return;
      continue;
    }
    const mayExpand = verdict === 'run' && (isUnexpanded(node) || node.isStale);
    if (mayExpand && reexpand(deciding, instance, level)) continue;
    const reason = verdict === 'skip' && isOutOfDates(instance) ? 'outside of its dates' : '';
    level.decisions.set(instance, { verdict, reason });
  }
}

function carryOut(deciding: Deciding, instance: Instance, { verdict, reason }: Decision): Look[] {
  if (verdict === 'remove') return settle(deciding, instance, TaskInstanceState.REMOVED, reason);
  // Another decision of the level may have skipped it.
  if (instance.state !== TaskInstanceState.NONE) return [];
  if (verdict === 'run') return startBuiltIn(deciding, instance);
  const isSkip = verdict === 'skip';
  const state = isSkip ? TaskInstanceState.SKIPPED : TaskInstanceState.UPSTREAM_FAILED;
  return settle(deciding, instance, state, reason);
}

/** True when one instance that waits means that all others of the task do. */
function sharesVerdict({ task, above, isDirected }: Node): boolean {
  const isOne = !task.sharesGroups && task.setups.length === 0;
  return isOne && above.removed === 0 && !isDirected;
}

/**
 * Gives a mapped task its instances, or mends their number after what it maps over has changed.
 * Answers false when the instance goes on as it is.
 */
function reexpand(deciding: Deciding, instance: Instance, level: Level): boolean {
  const { node } = instance;
  const expansion = expansionOf(deciding.picture, node);
  if (expansion.kind === 'wait') return true;
  const isFirst = isUnexpanded(node);
  node.isStale = false;
  if (expansion.kind === 'fail') {
    if (isFirst) level.decisions.set(instance, { verdict: 'fail', reason: expansion.reason });
    return isFirst;
  }
  if (expansion.count === 0 && isFirst) {
    level.decisions.set(instance, { verdict: 'skip', reason: 'there is nothing to map over' });
    return true;
  }
  for (const extra of node.instances.slice(expansion.count)) {
    if (extra.state === TaskInstanceState.REMOVED || extra.attempt !== undefined) continue;
    const reason = 'there is no such element any more';
    level.decisions.set(extra, { verdict: 'remove', reason });
  }
  expandTo(deciding, node, {
    ...expansion,
    count: Math.max(expansion.count, node.instances.length),
  });
  level.seen.delete(node);
  level.open.push(lookAt(node));
  // In the groups that they share, those below no longer wait for this one as a whole.
  for (const { index, depth } of node.task.below) {
    const below = node.run.nodes[index];
    if (depth > 0 && below !== undefined && isUnexpanded(below)) level.next.push(lookAt(below));
  }
  return true;
}

/** Counts a finished instance for what is below it; answers who looks at it. */
function countBelow(instance: Instance, by: 1 | -1): Look[] {
  const { run, node, task, state } = instance;
  countState(node.own, state, task.isSetup, by);
  node.returned = undefined;
  const looks: Look[] = [];
  for (const { index, depth } of task.below) {
    const below = run.nodes[index];
    if (below === undefined) continue;
    if (depth === 0) countState(below.above, state, task.isSetup, by);
    if (instance.skipDecision !== undefined) below.isDirected = true;
    if (below.openCount > 0) looks.push({ node: below, ...spanBelow(instance, below, depth) });
  }
  for (const index of task.setupFor) {
    const inScope = run.nodes[index];
    if (inScope !== undefined && inScope.openCount > 0) looks.push(lookAt(inScope));
  }
  return looks;
}

/** It comes to something else than it had: so may all that was worked out from that. */
function takeBack(instance: Instance): void {
  uncount(instance);
  if (instance.task.isMappedOver) markStale(instance.run, instance.task.index);
}

function uncount(instance: Instance): void {
  countBelow(instance, -1);
}
