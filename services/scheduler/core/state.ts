// What the states mean for decisions: which are final, which take up slots, which go on by
// themselves.
import { DagRunState, TaskAttemptState, TaskInstanceState } from '#gen/dagmesh/dag/v1/run_pb.ts';

export { DagRunState, TaskAttemptState, TaskInstanceState };

/**
 * True for SUCCESS, FAILED, SKIPPED, UPSTREAM_FAILED, REMOVED: nothing more happens unless somebody
 * clears it.
 */
export function isFinished(state: TaskInstanceState): boolean {
  return state >= TaskInstanceState.SUCCESS && state <= TaskInstanceState.REMOVED;
}

/** True for QUEUED, RUNNING, RESTARTING: it counts towards limits and holds its pool slots. */
export function isActive(state: TaskInstanceState): boolean {
  return state >= TaskInstanceState.QUEUED && state <= TaskInstanceState.RESTARTING;
}

/**
 * True when something other than its upstream tasks will move it on: a limit, a worker, a timer, a
 * trigger, a person.
 */
export function isStirring(state: TaskInstanceState): boolean {
  return !isFinished(state) && state !== TaskInstanceState.NONE;
}

/** True for SUCCESS and FAILED. */
export function isRunFinished(state: DagRunState): boolean {
  return state === DagRunState.SUCCESS || state === DagRunState.FAILED;
}

/** The state as users spell it, e.g. `up_for_retry`. */
export function nameOfState(state: TaskInstanceState): string {
  return STATE_NAMES.get(state) ?? `state ${state}`;
}

const STATE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(TaskInstanceState).map(([name, value]) => [value, name.toLowerCase()]),
);
