// What the states mean for decisions: which are final, which take up slots, which go on by
// themselves.
import {
  DagRunState,
  RunType,
  TaskAttemptState,
  TaskInstanceState,
} from '#gen/dagmesh/dag/v1/run_pb.ts';
import { FailureReason } from '#gen/dagmesh/worker/v1/attempt_pb.ts';

export { DagRunState, TaskAttemptState, TaskInstanceState };

/**
 * True for SUCCESS, FAILED, SKIPPED, UPSTREAM_FAILED, REMOVED: nothing more happens unless somebody
 * clears it.
 */
export function isFinished(state: TaskInstanceState): boolean {
  return state >= TaskInstanceState.SUCCESS && state <= TaskInstanceState.REMOVED;
}

/** True for FAILED and UPSTREAM_FAILED. */
export function hasFailed(state: TaskInstanceState): boolean {
  return state === TaskInstanceState.FAILED || state === TaskInstanceState.UPSTREAM_FAILED;
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

/** The state of a run as users spell it, e.g. `queued`. */
export function nameOfRunState(state: DagRunState): string {
  return RUN_STATE_NAMES.get(state) ?? `state ${state}`;
}

/** What created a run as users spell it, e.g. `asset_triggered`. */
export function nameOfRunType(runType: RunType): string {
  return RUN_TYPE_NAMES.get(runType) ?? 'manual';
}

/** A kind of failure as retry rules name it, e.g. `out_of_memory`; empty when it is not known. */
export function nameOfFailure(reason: FailureReason = FailureReason.UNSPECIFIED): string {
  return reason === FailureReason.UNSPECIFIED ? '' : (FAILURE_NAMES.get(reason) ?? '');
}

function namesOf(values: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(values).map(([name, value]) => [value, name.toLowerCase()]));
}

const STATE_NAMES = namesOf(TaskInstanceState);
const RUN_STATE_NAMES = namesOf(DagRunState);
const RUN_TYPE_NAMES = namesOf(RunType);
const FAILURE_NAMES = namesOf(FailureReason);
