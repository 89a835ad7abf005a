// Failing fast: the first task that fails for good ends what else its run has under way.
import type { Deciding } from '../deciding.ts';
import type { Look } from '../graph/relevant.ts';
import { dropMissing, settle } from '../transition.ts';
import { cancelAttempt } from '../attempt/attempts.ts';
import { type Instance, instancesOf } from '../instance.ts';
import { isFinished, TaskInstanceState } from '../state.ts';

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
    // One that only has to let go before it starts over has not begun again.
    const isRunning = instance.state === TaskInstanceState.RUNNING;
    cancelAttempt(deciding, instance, reason);
    const state = isRunning ? TaskInstanceState.FAILED : TaskInstanceState.SKIPPED;
    looks.push(...settle(deciding, instance, state, reason));
  }
  return looks;
}
