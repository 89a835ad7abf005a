// Runs: how they are made, when they start, how they are ended from outside.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { advance } from '../advance.ts';
import { putOnAgenda } from '../agenda.ts';
import { planDeadlines } from '../alert/deadlines.ts';
import { watchSlas } from '../alert/sla.ts';
import { cancelAttempt } from '../attempt/attempts.ts';
import type { Dag } from '../dag.ts';
import type { Deciding } from '../deciding.ts';
import type { DagVersion } from '../graph/dag-version.ts';
import { lookAt } from '../graph/relevant.ts';
import { firstOf, joinHeap, leaveHeap } from '../heap.ts';
import { type Instance, instancesOf, newNode, type Node } from '../instance.ts';
import { addInstance, addMissing, expandTo, expansionOf } from '../mapping/expand.ts';
import type { Moment, Picture } from '../picture.ts';
import { DagRunState, TaskInstanceState } from '../state.ts';
import { settleAll } from '../transition.ts';
import { endRun } from './run-end.ts';
import { newRun, type Run, type RunRequest } from './run.ts';

/** Makes a run, QUEUED, and starts it if its DAG has room. */
export function createRun(deciding: Deciding, moment: Moment, dag: Dag, request: RunRequest): Run {
  const run = newRun(deciding.picture, dag, {
    ...request,
    id: moment.newId(),
    version: request.version ?? dag.version,
    state: DagRunState.QUEUED,
  });
  run.queuedAtMs = moment.nowMs;
  dag.runs.set(run.runId, run);
  joinHeap(dag.queuedRuns, run);
  deciding.changes.runs.add(run);
  planDeadlines(deciding, run);
  watchSlas(deciding.picture, run);
  startIfRoom(deciding, moment, run);
  return run;
}

/** Starts a run that has just been queued, if it need not wait for others. */
export function startIfRoom(deciding: Deciding, moment: Moment, run: Run): void {
  if (isUncounted(run)) startQueued(deciding, moment, run);
  else startRuns(deciding, moment, run.dag);
}

/**
 * Starts queued runs of a DAG that has a file, earliest first, as long as active_runs_max allows;
 * one that may not run yet goes on the agenda.
 */
export function startRuns(deciding: Deciding, moment: Moment, dag: Dag): void {
  while (!dag.isPaused && dag.isActive && dag.runningCount < dag.version.activeRunsMax) {
    const run = firstOf(dag.queuedRuns);
    if (run === undefined) return;
    if (run.runAfterMs > moment.nowMs) return startLater(deciding.picture, run);
    startQueued(deciding, moment, run);
  }
}

/** It is the earliest of its DAG, so it stands on the agenda for all of them. */
function startLater(picture: Picture, { dag, runAfterMs }: Run): void {
  if (dag.startOnAgendaMs === runAfterMs) return;
  dag.startOnAgendaMs = runAfterMs;
  putOnAgenda(picture.agenda, runAfterMs, { kind: 'start', dag });
}

/** True for runs that active_runs_max says nothing about: those of backfills and callbacks. */
export function isUncounted({ backfillId, runType }: Run): boolean {
  return backfillId !== '' || runType === RunType.CALLBACK;
}

function startQueued(deciding: Deciding, moment: Moment, run: Run): void {
  leaveHeap(run.dag.queuedRuns, run);
  startRun(deciding, moment, run);
}

/** Fails a run whose time is over: what is unfinished is skipped, what runs is cancelled. */
export function timeOutRun(deciding: Deciding, run: Run): void {
  endFromOutside(deciding, run, {
    reason: 'timed_out',
    choose: () => TaskInstanceState.SKIPPED,
  });
}

/** Fails a run because somebody wants it; answers how many attempts are being cancelled. */
export function cancelRun(deciding: Deciding, run: Run, actor: string): number {
  const reason = `cancelled by ${actor}`;
  return endFromOutside(deciding, run, { reason, choose: failRunning });
}

function failRunning({ state }: Instance): TaskInstanceState {
  return state === TaskInstanceState.RUNNING ? TaskInstanceState.FAILED : TaskInstanceState.SKIPPED;
}

/** Forgets a version that is not current and that no live run uses. */
export function forgetVersion(dag: Dag, version: DagVersion): void {
  if (version === dag.version || !version.isWhole) return;
  for (const run of dag.runs.values()) if (run.version === version) return;
  dag.versions.delete(version.dagVersionId);
}

function startRun(deciding: Deciding, moment: Moment, run: Run): void {
  const { picture, changes } = deciding;
  if (!isUncounted(run)) run.dag.runningCount += 1;
  run.state = DagRunState.RUNNING;
  run.startMs ??= moment.nowMs;
  run.endMs = undefined;
  changes.runs.add(run);
  plantIfBare(deciding, run);
  watchTimeout(picture, run);
  advance(deciding, run, run.nodes.map(lookAt));
}

/**
 * Gives a run that has no instances yet its tasks: one instance of each, and all of those mapped
 * over literals. One that waits for its turn may get them before it begins.
 */
export function plantIfBare(deciding: Deciding, run: Run): void {
  if (run.nodes.length > 0) return;
  const { picture, changes, newId } = deciding;
  run.nodes = run.version.tasks.map((task) => newNode(run, task));
  for (const node of run.nodes) {
    plantFirst(picture, node, newId(), changes);
  }
  for (const node of run.nodes) {
    if (node.lengths !== undefined || node.task.sources.length > 0) continue;
    const expansion = expansionOf(picture, node);
    if (expansion.kind === 'lengths' && expansion.count > 0) expandTo(deciding, node, expansion);
  }
}

/** Gives tasks that are new in the run's version their first instance. */
export function plantMissing({ picture, changes, newId }: Deciding, run: Run): void {
  for (const node of run.nodes) {
    if (node.instances.length === 0) plantFirst(picture, node, newId(), changes);
  }
}

/** The first instance of a task. */
export function plantFirst(
  picture: Picture,
  node: Node,
  id: string,
  changes: { readonly instances: Set<Instance> },
): void {
  addMissing(node, 1);
  node.missingCount -= 1;
  changes.instances.add(addInstance(picture, node, id));
}

/** Puts the end of a running run on the agenda, if it has one. */
export function watchTimeout(picture: Picture, run: Run): void {
  const { dagrunTimeoutMs } = run.version;
  if (dagrunTimeoutMs === undefined || run.startMs === undefined) return;
  putOnAgenda(picture.agenda, run.startMs + dagrunTimeoutMs, {
    kind: 'run_timeout',
    dag: run.dag,
    runId: run.runId,
  });
}

function endFromOutside(
  deciding: Deciding,
  run: Run,
  how: {
    readonly reason: string;
    /** The state of an instance that had not finished. */
    readonly choose: (instance: Instance) => TaskInstanceState;
  },
): number {
  const { reason } = how;
  plantIfBare(deciding, run);
  let cancelledCount = 0;
  for (const instance of instancesOf(run)) {
    if (cancelAttempt(deciding, instance, reason)) cancelledCount += 1;
  }
  settleAll(deciding, run, how.choose);
  endRun(deciding, run, { state: DagRunState.FAILED, reason });
  return cancelledCount;
}
