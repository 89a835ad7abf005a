// How an instance moves from one state to another, with all that hangs on that: lanes, lines,
// limits, slots, and the counts of what is above others.
import { takeOffAgenda } from './agenda.ts';
import type { ChangeSet } from './change-set.ts';
import type { Deciding } from './deciding.ts';
import { countState, type Look, lookAt, spanBelow } from './graph/relevant.ts';
import type { Instance, Node } from './instance.ts';
import { enterLane, expectBegin, leaveLane, release } from './limit/admission.ts';
import { leaveLine, standInLine } from './limit/fair-line.ts';
import { urgencyOf } from './limit/rank.ts';
import { queueOf } from './lines.ts';
import { addMissing, markStale } from './mapping/expand.ts';
import { notePast } from './past/past-moves.ts';
import type { Picture } from './picture.ts';
import type { Run } from './run/run.ts';
import { isFinished, isStirring, TaskInstanceState } from './state.ts';

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
  takeOffAgenda(picture.agenda, instance);
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
  if (instance.task.sourceFor.length > 0) markStale(instance.run, instance.task);
}

function uncount(instance: Instance): void {
  countBelow(instance, -1);
}
