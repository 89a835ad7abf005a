// Failing fast: the first task that fails for good ends what else its run has under way.
import { CancelMode } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { type Deciding, dropMissing, type Look, settle } from '../advance.ts';
import { endAttempt, requestCancel } from '../attempt/attempts.ts';
import { type Instance, instancesOf } from '../instance.ts';
import { isFinished, TaskAttemptState, TaskInstanceState } from '../state.ts';

/**
 * What runs fails, what has not begun is skipped; teardowns are left to run. Answers where that may
 * decide something.
 */
export function failFast(deciding: Deciding, failed: Instance): Look[] {
  const reason = `${failed.task.taskId} failed and the DAG fails fast`;
  const looks: Look[] = [];
  for (const node of failed.run.nodes) if (!node.task.isTeardown) dropMissing(node);
  for (const instance of instancesOf(failed.run)) {
    if (instance === failed || instance.task.isTeardown || isFinished(instance.state)) continue;
    const { attempt } = instance;
    if (attempt === undefined) {
      looks.push(...settle(deciding, instance, TaskInstanceState.SKIPPED, reason));
      continue;
    }
    requestCancel(deciding.changes, attempt, { mode: CancelMode.GRACEFUL, reason });
    endAttempt(deciding, attempt, { state: TaskAttemptState.CANCELLED });
    looks.push(...settle(deciding, instance, TaskInstanceState.FAILED, reason));
  }
  return looks;
}
