// Runs: how they are made, when they start, how they are ended from outside.
import type { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { CancelMode } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { createLimit, laneOf } from './admission.ts';
import { advance, type Deciding, endRun, settleAll } from './advance.ts';
import { putOnAgenda } from './agenda.ts';
import { endAttempt, requestCancel } from './attempts.ts';
import type { DagVersion, Task } from './dag-version.ts';
import { firstOf, joinHeap, leaveHeap } from './heap.ts';
import type { Dag, Instance, Moment, Picture, Run } from './picture.ts';
import { DagRunState, TaskAttemptState, TaskInstanceState } from './state.ts';

/** What a new run is about. */
export type RunRequest = {
  readonly runId: string;
  readonly runType: RunType;
  readonly logicalDateMs: number | undefined;
  readonly intervalStartMs: number | undefined;
  readonly intervalEndMs: number | undefined;
  readonly runAfterMs: number;
  readonly confJson: string;
  readonly triggeredBy: string;
};

/** A run as it is first known; its place among the DAG's runs is the caller's business. */
export function newRun(
  picture: Picture,
  dag: Dag,
  request: RunRequest & Pick<Run, 'id' | 'version' | 'state'>,
): Run {
  return {
    ...request,
    dag,
    seq: picture.nextSeq++,
    queuedAtMs: undefined,
    startMs: undefined,
    endMs: undefined,
    clearNumber: 0,
    stateReason: '',
    instances: [],
    lanes: new Map(),
    limit: createLimit('active_tasks_max', request.runId, request.version.activeTasksMax),
    unfinishedCount: 0,
    stirringCount: 0,
    isStored: false,
    isRefused: false,
    heapIndex: -1,
  };
}

/** Makes a run, QUEUED, and starts it if its DAG has room. */
export function createRun(deciding: Deciding, moment: Moment, dag: Dag, request: RunRequest): Run {
  const run = newRun(deciding.picture, dag, {
    ...request,
    id: moment.newId(),
    version: dag.version,
    state: DagRunState.QUEUED,
  });
  run.queuedAtMs = moment.nowMs;
  dag.runs.set(run.runId, run);
  joinHeap(dag.queuedRuns, run);
  deciding.changes.runs.add(run);
  startRuns(deciding, moment, dag);
  return run;
}

/** Starts queued runs of a DAG, earliest first, as long as active_runs_max allows. */
export function startRuns(deciding: Deciding, moment: Moment, dag: Dag): void {
  while (!dag.isPaused && dag.runningCount < dag.version.activeRunsMax) {
    const run = firstOf(dag.queuedRuns);
    if (run === undefined) return;
    leaveHeap(dag.queuedRuns, run);
    startRun(deciding, moment, run);
  }
}

/** An instance of a task that nothing has happened to. */
export function newInstance(picture: Picture, run: Run, task: Task, id: string): Instance {
  return {
    id,
    run,
    task,
    lane: laneOf(picture, run, task),
    seq: picture.nextSeq++,
    state: TaskInstanceState.NONE,
    tryNumber: 0,
    triesMax: task.retries,
    epoch: 0,
    attemptId: '',
    scheduledAtMs: undefined,
    queuedAtMs: undefined,
    startMs: undefined,
    endMs: undefined,
    nextTryMs: undefined,
    stateReason: '',
    lossesCount: 0,
    attempt: undefined,
    upstream: {
      total: task.upstream.length,
      success: 0,
      skipped: 0,
      failed: 0,
      upstreamFailed: 0,
      removed: 0,
    },
    rejectionsCount: 0,
    slotsHeld: 0,
    isStored: false,
    heapIndex: -1,
  };
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
  if (version === dag.version) return;
  for (const run of dag.runs.values()) if (run.version === version) return;
  dag.versions.delete(version.dagVersionId);
}

function startRun(deciding: Deciding, moment: Moment, run: Run): void {
  const { picture, changes } = deciding;
  run.dag.runningCount += 1;
  run.state = DagRunState.RUNNING;
  run.startMs ??= moment.nowMs;
  run.endMs = undefined;
  run.stateReason = '';
  changes.runs.add(run);
  if (run.instances.length === 0) {
    run.instances = run.version.tasks.map((task) =>
      newInstance(picture, run, task, moment.newId()),
    );
    run.unfinishedCount = run.instances.length;
    for (const instance of run.instances) changes.instances.add(instance);
  }
  watchTimeout(picture, run);
  advance(deciding, run, run.instances);
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
  let cancelledCount = 0;
  for (const instance of run.instances) {
    const { attempt } = instance;
    if (attempt === undefined) continue;
    requestCancel(deciding.changes, attempt, { mode: CancelMode.GRACEFUL, reason });
    endAttempt(deciding, attempt, { state: TaskAttemptState.CANCELLED });
    cancelledCount += 1;
  }
  settleAll(deciding, run, how.choose);
  endRun(deciding, run, { state: DagRunState.FAILED, reason });
  return cancelledCount;
}
