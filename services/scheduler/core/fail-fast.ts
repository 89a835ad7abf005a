// Failing fast: the first task that fails for good ends what else its run has under way.
import { CancelMode } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { type Deciding, settle } from './advance.ts';
import { endAttempt, requestCancel } from './attempts.ts';
import { type Instance, instancesOf } from './instance.ts';
import { isFinished, TaskAttemptState, TaskInstanceState } from './state.ts';

/** What runs fails, what has not begun is skipped; teardowns are left to run. */
export function failFast(deciding: Deciding, failed: Instance): void {
  const reason = `${failed.task.taskId} failed and the DAG fails fast`;
  for (const instance of instancesOf(failed.run)) {
    if (instance === failed || instance.task.isTeardown || isFinished(instance.state)) continue;
    const { attempt } = instance;
    if (attempt === undefined) {
      settle(deciding, instance, TaskInstanceState.SKIPPED, reason);
      continue;
    }
    requestCancel(deciding.changes, attempt, { mode: CancelMode.GRACEFUL, reason });
    endAttempt(deciding, attempt, { state: TaskAttemptState.CANCELLED });
    settle(deciding, instance, TaskInstanceState.FAILED, reason);
  }
}
