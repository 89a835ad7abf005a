// What a decision works with, and what follows when a run or an instance has ended.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { createBell } from './alert/alarm-bell.ts';
import { keepDeadlines } from './alert/deadlines.ts';
import { giveBackEvents } from './asset/take-events.ts';
import type { AttemptFailure } from './attempt/attempt.ts';
import type { ChangeSet } from './change-set.ts';
import { type Dag, setGate } from './dag.ts';
import type { Instance, Node } from './instance.ts';
import { admitAll } from './limit/admission.ts';
import { advanceBackfills, noteBackfillRun, noteRefusedRun } from './operation/backfills.ts';
import { restart } from './operation/start-over.ts';
import { hasFailedTooOften, noteEnd } from './past/history.ts';
import { followPast, loseFollowers } from './past/past-moves.ts';
import type { Moment, Picture } from './picture.ts';
import type { Run } from './run/run.ts';
import { cancelRun, forgetVersion, startRuns } from './run/runs.ts';
import { createDueRuns } from './schedule/schedule.ts';
import { TaskInstanceState } from './state.ts';

/** What deciding needs beside the picture. */
export type Deciding = {
  readonly picture: Picture;
  readonly changes: ChangeSet;
  readonly nowMs: number;
  readonly newId: () => string;
  /** Called with each run that has ended, once. */
  readonly onRunEnd: (run: Run) => void;
  /** Starts what waited for the runs that have ended. */
  readonly followEnded: () => void;
  /** Instances that ended by their own doing or will be tried again: who is to be told. */
  readonly onInstanceEnd: (instance: Instance, error?: AttemptFailure) => void;
  /** Runs in which tasks are looked at again because of the run before. */
  readonly pastMoved: Map<Run, Set<Node>>;
};

/** Ready to decide: changes go into the picture and are noted in the change set. */
export function createDeciding(picture: Picture, changes: ChangeSet, moment: Moment): Deciding {
  const roomy = new Set<Dag>();
  const bell = createBell();
  const deciding: Deciding = {
    picture,
    changes,
    nowMs: moment.nowMs,
    newId: moment.newId,
    onInstanceEnd: bell.noteInstance,
    pastMoved: new Map(),
    onRunEnd: (run) => {
      noteRunEnd(deciding, run);
      bell.noteRun(run);
      roomy.add(run.dag);
    },
    // One after the other and not from within `onRunEnd`: runs that end as soon as they start would
    // nest as deep as there are runs.
    followEnded: () => {
      bell.ring(deciding, moment);
      for (const dag of Array.from(roomy)) goOn(deciding, moment, dag);
      roomy.clear();
    },
  };
  return deciding;
}

/** Starts the next runs where some have ended, and queues what pools and limits admit now. */
export function admitNow(deciding: Deciding): void {
  const { picture, changes, nowMs } = deciding;
  deciding.followEnded();
  followPast(deciding);
  admitAll(picture, changes, nowMs);
}

/**
 * Goes on after a commit of which the ledger refused something: schedules move past refused runs
 * all the same, and who was to start over after an attempt that was not made does so now.
 */
export function followRefused(
  deciding: Deciding,
  moment: Moment,
  { runs, instances }: Pick<ChangeSet, 'runs' | 'instances'>,
): void {
  for (const run of runs) {
    if (!run.isRefused) continue;
    giveBackEvents(run);
    if (run.runType === RunType.SCHEDULED) deciding.changes.cursors.add(run.dag);
    noteRefusedRun(deciding, run);
    loseFollowers(deciding, run);
    // Also those that tell of what was decided while its commit was under way.
    for (const other of Array.from(run.dag.runs.values())) {
      if (other.callbackOfRunId === run.runId) cancelRun(deciding, other, 'scheduler');
    }
    goOn(deciding, moment, run.dag);
  }
  for (const instance of instances) {
    const isLeft = instance.state === TaskInstanceState.RESTARTING && !instance.attempt;
    if (isLeft && instance.run.dag.isOwned) restart(deciding, instance);
  }
}

function noteRunEnd(deciding: Deciding, run: Run): void {
  const { dag } = run;
  noteBackfillRun(deciding, run);
  keepDeadlines(deciding, run);
  noteEnd(dag, run);
  if (run.runType === RunType.SCHEDULED) dag.scheduledCount -= 1;
  forgetVersion(dag, run.version);
  if (run.runType !== RunType.CALLBACK && !dag.isPaused && hasFailedTooOften(dag)) {
    pauseAfterFailures(deciding, dag);
  }
}

/** A DAG whose latest runs have all failed is paused until somebody has looked at it. */
function pauseAfterFailures({ changes }: Deciding, dag: Dag): void {
  setGate(dag, true);
  changes.pauses.add(dag);
  const details = { reason: `the last ${dag.version.consecutiveFailedRunsMax} runs failed` };
  changes.audits.add({ actor: 'scheduler', action: 'pause_dag', dag, runId: '', details });
}

/** A DAG has room for its next runs. */
function goOn(deciding: Deciding, moment: Moment, dag: Dag): void {
  if (!dag.isOwned) return;
  startRuns(deciding, moment, dag);
  createDueRuns(deciding, moment, dag);
  advanceBackfills(deciding, moment, dag);
}
