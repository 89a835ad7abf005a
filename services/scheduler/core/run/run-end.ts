// The end of a run: all its instances are finished, or nothing can move it any more.
import { rememberSlas } from '../alert/sla.ts';
import type { Dag } from '../dag.ts';
import type { Deciding } from '../deciding.ts';
import { leaveHeap } from '../heap.ts';
import { isAllDone } from '../mapping/expand.ts';
import { leavePast } from '../past/past-moves.ts';
import { DagRunState } from '../state.ts';
import type { Run } from './run.ts';
import { isUncounted } from './runs.ts';

/**
 * Ends a run whose instances are all finished as its leaves did; one that nothing can move any more
 * fails.
 */
export function endIfDone(deciding: Deciding, run: Run): void {
  if (run.state !== DagRunState.RUNNING) return;
  if (run.unfinishedCount > 0) {
    if (run.stirringCount > 0 || isExpanding(run) || isSpared(run)) return;
    const state = DagRunState.FAILED;
    return endRun(deciding, run, { state, reason: 'all_tasks_deadlocked' });
  }
  // A run that goes on has a reason only when somebody has set it to failed.
  const failure = run.stateReason || (hasFailed(run) ? 'task_failure' : '');
  if (failure !== '') return endRun(deciding, run, { state: DagRunState.FAILED, reason: failure });
  const reason = isAllRemoved(run) ? 'all_tasks_removed' : '';
  endRun(deciding, run, { state: DagRunState.SUCCESS, reason });
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
  noteOver(deciding, run);
  onRunEnd(run);
}

/** A run that is over is another than before: whoever has read it must read it again. */
export function noteOver({ nowMs, picture }: Deciding, run: Run): void {
  picture.overRuns.set(run.id, picture.nextSeq++);
  rememberSlas(picture, run, nowMs);
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

/**
 * True when one of the unfinished looks at the run before, which may move it on, even one that has
 * failed and may be cleared; or has a limit of its own. Airflow does not give their runs up either.
 */
function isSpared({ nodes }: Run): boolean {
  return nodes.some((node) => {
    const { activeTisPerDagMax, activeTisPerDagrunMax, dependsOnPast } = node.task;
    const isLimited = activeTisPerDagMax > 0 || activeTisPerDagrunMax > 0;
    return (dependsOnPast || isLimited) && !isAllDone(node);
  });
}

function isAllRemoved(run: Run): boolean {
  return run.nodes.length > 0 && run.nodes.every(({ own }) => own.removed >= own.total);
}

function leaveActive(dag: Dag, run: Run): void {
  if (run.state !== DagRunState.RUNNING) leaveHeap(dag.queuedRuns, run);
  else if (!isUncounted(run)) dag.runningCount -= 1;
}
