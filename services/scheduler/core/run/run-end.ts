// When a run is over: all its instances are finished, or nothing can move it any more.
import { type Deciding, endRun } from '../advance.ts';
import { instancesOf } from '../instance.ts';
import type { Run } from '../picture.ts';
import { DagRunState, isFinished, isRunFinished } from '../state.ts';

/**
 * Ends a run whose instances are all finished as its leaves did; one that nothing can move any more
 * fails.
 */
export function endIfDone(deciding: Deciding, run: Run): void {
  if (isRunFinished(run.state) || run.state !== DagRunState.RUNNING) return;
  if (run.unfinishedCount > 0) {
    if (run.stirringCount > 0 || isExpanding(run) || waitsForPast(run)) return;
    const state = DagRunState.FAILED;
    return endRun(deciding, run, { state, reason: 'all_tasks_deadlocked' });
  }
  // A run that goes on has a reason only when somebody has set it to failed.
  const failure = run.stateReason || (hasFailed(run) ? 'task_failure' : '');
  if (failure !== '') return endRun(deciding, run, { state: DagRunState.FAILED, reason: failure });
  const reason = isAllRemoved(run) ? 'all_tasks_removed' : '';
  endRun(deciding, run, { state: DagRunState.SUCCESS, reason });
}

/**
 * True when a leaf has failed. Failing fast skips the leaves: there every failure counts that
 * brought that about.
 */
function hasFailed({ nodes, version }: Run): boolean {
  const { leaves, failFast } = version;
  if (failFast && nodes.some(({ own, task }) => !task.isTeardown && own.failed > 0)) return true;
  return leaves.some((index) => {
    const own = nodes[index]?.own;
    return own !== undefined && own.failed + own.upstreamFailed > 0;
  });
}

function isExpanding(run: Run): boolean {
  return run.nodes.some(({ missingCount }) => missingCount > 0);
}

/** The run before may still move it on, even one that has failed and may be cleared. */
function waitsForPast(run: Run): boolean {
  if (!run.version.hasPast) return false;
  for (const { state, task } of instancesOf(run)) {
    if (!isFinished(state) && task.dependsOnPast) return true;
  }
  return false;
}

function isAllRemoved(run: Run): boolean {
  return run.nodes.length > 0 && run.nodes.every(({ own }) => own.removed >= own.total);
}
