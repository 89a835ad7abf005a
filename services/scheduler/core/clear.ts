// Clearing: task instances of a run start over, with what depends on them if that is wanted.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { CancelMode } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { advance, count, type Deciding, moveTo } from './advance.ts';
import { requestCancel } from './attempts.ts';
import type { DagVersion } from './dag-version.ts';
import { joinHeap } from './heap.ts';
import type { Instance, Moment, Run } from './picture.ts';
import { startRuns } from './runs.ts';
import { DagRunState, isFinished, isRunFinished, TaskInstanceState } from './state.ts';

/** What is to be cleared. */
export type ClearRequest = {
  /** Empty means all. */
  readonly taskIds: readonly string[];
  readonly includeUpstream: boolean;
  readonly includeDownstream: boolean;
  readonly onlyFailed: boolean;
};

/** The instances a request means, in the DAG's order. */
export function selectInstances(run: Run, request: ClearRequest): readonly Instance[] {
  const { version } = run;
  const named = request.taskIds.flatMap((taskId) => version.taskIndexes.get(taskId) ?? []);
  const chosen = new Set(request.taskIds.length === 0 ? run.instances.keys() : named);
  if (request.includeUpstream) follow(version, chosen, named, 'upstream');
  if (request.includeDownstream) follow(version, chosen, named, 'downstream');
  return run.instances.filter(
    ({ task, state }) => chosen.has(task.index) && (!request.onlyFailed || hasFailed(state)),
  );
}

/** Clears instances; a finished run is queued again. Running ones end first and start over then. */
export function clearInstances(
  deciding: Deciding,
  moment: Moment,
  run: Run,
  instances: readonly Instance[],
): void {
  const reset = instances.filter((instance) => clearOne(deciding, instance));
  run.clearNumber += 1;
  deciding.changes.runs.add(run);
  if (isRunFinished(run.state)) reopen(moment, run);
  if (run.state === DagRunState.QUEUED) startRuns(deciding, moment, run.dag);
  else advance(deciding, run, reset);
}

function reopen(moment: Moment, run: Run): void {
  run.state = DagRunState.QUEUED;
  run.queuedAtMs = moment.nowMs;
  run.startMs = undefined;
  run.endMs = undefined;
  run.stateReason = '';
  run.dag.runs.set(run.runId, run);
  run.dag.versions.set(run.version.dagVersionId, run.version);
  if (run.runType === RunType.SCHEDULED) run.dag.scheduledCount += 1;
  joinHeap(run.dag.queuedRuns, run);
}

/**
 * Answers whether the instance is untouched now; a running one becomes so when its attempt has
 * ended.
 */
function clearOne(deciding: Deciding, instance: Instance): boolean {
  const { picture, changes } = deciding;
  const { run, attempt, state } = instance;
  changes.instances.add(instance);
  instance.triesMax = instance.tryNumber + instance.task.retries;
  instance.lossesCount = 0;
  instance.rejectionsCount = 0;
  if (attempt !== undefined) {
    moveTo(picture, instance, TaskInstanceState.RESTARTING);
    requestCancel(changes, attempt, { mode: CancelMode.GRACEFUL, reason: 'cleared' });
    return false;
  }
  if (isFinished(state)) {
    run.unfinishedCount += 1;
    for (const index of instance.task.downstream) {
      const below = run.instances[index];
      if (below !== undefined) count(below, state, -1);
    }
  }
  moveTo(picture, instance, TaskInstanceState.NONE);
  Object.assign(instance, {
    scheduledAtMs: undefined,
    queuedAtMs: undefined,
    startMs: undefined,
    endMs: undefined,
    nextTryMs: undefined,
    stateReason: '',
  });
  return true;
}

function follow(
  version: DagVersion,
  chosen: Set<number>,
  from: readonly number[],
  direction: 'upstream' | 'downstream',
): void {
  const open = [...from];
  const seen = new Set(from);
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    chosen.add(index);
    for (const next of version.tasks[index]?.[direction] ?? []) {
      if (!seen.has(next)) open.push(next);
      seen.add(next);
    }
  }
}

function hasFailed(state: TaskInstanceState): boolean {
  return state === TaskInstanceState.FAILED || state === TaskInstanceState.UPSTREAM_FAILED;
}
