// Which attempt's log is meant when somebody asks for a try of a task instance.
import {
  type TaskAttempt,
  TaskAttemptState,
  type TaskInstance,
  TaskInstanceState,
} from '#gen/dagmesh/dag/v1/run_pb.ts';

/** The attempt, or why there is none: `waiting` may change, `never` will not. */
export type PickedAttempt =
  | { readonly kind: 'attempt'; readonly attempt: TaskAttempt }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'never' };

/**
 * Picks the latest attempt of a try; try 0 means the latest of all. Attempts that no worker began
 * have no log and are passed over. A try that is still to come is `waiting`.
 */
export function pickAttempt(
  task: TaskInstance,
  attempts: readonly TaskAttempt[],
  tryNumber: number,
): PickedAttempt {
  const begun = attempts.filter(({ state }) => state !== TaskAttemptState.REJECTED);
  const meant = tryNumber === 0 ? begun : begun.filter((one) => one.tryNumber === tryNumber);
  const [first, ...others] = meant;
  if (first !== undefined) {
    const attempt = others.reduce((best, one) => (one.epoch > best.epoch ? one : best), first);
    return { kind: 'attempt', attempt };
  }
  const isToCome = !FINISHED.has(task.state) && (tryNumber === 0 || tryNumber >= task.tryNumber);
  return isToCome ? { kind: 'waiting' } : { kind: 'never' };
}

/** Whether an attempt may still write its log. */
export function isLive(attempt: TaskAttempt): boolean {
  return attempt.state === TaskAttemptState.RUNNING;
}

const FINISHED: ReadonlySet<TaskInstanceState> = new Set([
  TaskInstanceState.SUCCESS,
  TaskInstanceState.FAILED,
  TaskInstanceState.SKIPPED,
  TaskInstanceState.UPSTREAM_FAILED,
  TaskInstanceState.REMOVED,
]);
