// States set by hand: of task instances, and of whole runs.
import { advance } from '../advance.ts';
import type { Deciding } from '../deciding.ts';
import { relativesOf } from '../graph/graph.ts';
import { lookAt } from '../graph/relevant.ts';
import type { Moment } from '../picture.ts';
import { endRun, noteOver } from '../run/run-end.ts';
import type { Run } from '../run/run.ts';
import { dropMissing, settle } from '../transition.ts';
import { cancelAttempt } from '../attempt/attempts.ts';
import { clearInstances, reopen } from './clear.ts';
import { keepDeadlines } from '../alert/deadlines.ts';
import { noteEnd } from '../past/history.ts';
import { type Instance, instancesOf } from '../instance.ts';
import { leavePast } from '../past/past-moves.ts';
import { plantIfBare, startIfRoom } from '../run/runs.ts';
import { DagRunState, hasFailed, isFinished, isRunFinished, TaskInstanceState } from '../state.ts';

/** States that people may set. */
export type MarkState =
  | typeof TaskInstanceState.SUCCESS
  | typeof TaskInstanceState.FAILED
  | typeof TaskInstanceState.SKIPPED;

/**
 * Sets states; what had failed below runs again, and a finished run with it, also when nothing had
 * to be set. Attempts under way are ended.
 */
export function markInstances(
  deciding: Deciding,
  moment: Moment,
  mark: {
    readonly run: Run;
    readonly instances: readonly Instance[];
    readonly state: MarkState;
    readonly actor: string;
  },
): void {
  const { run, instances, state, actor } = mark;
  const changed = instances.filter((instance) => instance.state !== state);
  for (const instance of changed) setState(deciding, instance, state, `set by ${actor}`);
  const failed = failedBelow(run, instances);
  if (failed.length > 0) return clearInstances(deciding, moment, run, failed);
  if (changed.length === 0) return;
  deciding.changes.runs.add(run);
  if (!isRunFinished(run.state)) return advance(deciding, run, run.nodes.map(lookAt));
  run.clearNumber += 1;
  reopen(deciding, moment, run);
  startIfRoom(deciding, moment, run);
}

/**
 * What a mark lets start over. As whole tasks, in mapped groups too; what was marked along stays as
 * it was marked.
 */
export function failedBelow(run: Run, marked: readonly Instance[]): readonly Instance[] {
  const indexes = new Set(marked.map(({ task }) => task.index));
  const below = relativesOf(run.version.tasks, indexes, 'downstream');
  const kept = new Set(marked);
  return [...below]
    .flatMap((index) => run.nodes[index]?.instances ?? [])
    .filter((instance) => hasFailed(instance.state) && !kept.has(instance));
}

/** Which instances of a run a mark of the run would change, and to what. */
export function plannedMarks(
  run: Run,
  state: typeof DagRunState.SUCCESS | typeof DagRunState.FAILED,
): ReadonlyMap<Instance, MarkState> {
  const choose = state === DagRunState.SUCCESS ? asSucceeded : asFailed;
  const planned = new Map<Instance, MarkState>();
  for (const instance of instancesOf(run)) {
    const next = choose(instance);
    if (next !== undefined && next !== instance.state) planned.set(instance, next);
  }
  return planned;
}

/** Sets a run's state: at once, or when its unfinished teardowns have run. */
export function markRun(
  deciding: Deciding,
  run: Run,
  state: typeof DagRunState.SUCCESS | typeof DagRunState.FAILED,
  actor: string,
): void {
  const reason = `set by ${actor}`;
  plantIfBare(deciding, run);
  for (const node of run.nodes) if (!node.task.isTeardown) dropMissing(node);
  for (const [instance, next] of plannedMarks(run, state)) {
    setState(deciding, instance, next, reason);
  }
  if (run.unfinishedCount > 0) {
    // Its teardowns still run; what was said of it holds when they have.
    run.stateReason = state === DagRunState.FAILED ? reason : '';
    deciding.changes.runs.add(run);
    return advance(deciding, run, run.nodes.map(lookAt));
  }
  if (!isRunFinished(run.state)) return endRun(deciding, run, { state, reason });
  run.state = state;
  run.stateReason = reason;
  deciding.changes.runs.add(run);
  noteOver(deciding, run);
  noteEnd(run.dag, run);
  keepDeadlines(deciding, run);
  leavePast(deciding, run);
}

/** Everything succeeded; teardowns that have not run yet still run. */
function asSucceeded({ task, state }: Instance): MarkState | undefined {
  if (task.isTeardown && !isFinished(state)) return undefined;
  return TaskInstanceState.SUCCESS;
}

/** What was under way failed, what had not begun is skipped; teardowns still run. */
function asFailed({ task, state }: Instance): MarkState | undefined {
  if (task.isTeardown || isFinished(state)) return undefined;
  const isUnderWay =
    state === TaskInstanceState.RUNNING ||
    state === TaskInstanceState.DEFERRED ||
    state === TaskInstanceState.AWAITING_INPUT ||
    state === TaskInstanceState.UP_FOR_RESCHEDULE;
  return isUnderWay ? TaskInstanceState.FAILED : TaskInstanceState.SKIPPED;
}

function setState(deciding: Deciding, instance: Instance, state: MarkState, reason: string): void {
  cancelAttempt(deciding, instance, reason);
  const endMs = isFinished(instance.state) ? instance.endMs : undefined;
  settle(deciding, instance, state, reason);
  // One that had ended keeps its times.
  if (endMs !== undefined) instance.endMs = endMs;
}
