// What a decision works with, and what follows when a run or an instance has ended.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Deciding } from './advance.ts';
import { createBell } from './alarm-bell.ts';
import { giveBackEvents } from './assets/take-events.ts';
import { advanceBackfills, noteBackfillRun } from './backfills.ts';
import type { ChangeSet } from './change-set.ts';
import { keepDeadlines } from './deadlines.ts';
import { hasFailedTooOften, noteEnd } from './history.ts';
import { setGate } from './load.ts';
import type { Dag, Moment, Picture, Run } from './picture.ts';
import { forgetVersion, startRuns } from './runs.ts';
import { createDueRuns } from './schedule.ts';

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

/** Goes on after the ledger refused runs: their schedules move past them all the same. */
export function followRefused(deciding: Deciding, moment: Moment, runs: Iterable<Run>): void {
  for (const run of runs) {
    if (!run.isRefused) continue;
    giveBackEvents(run);
    if (run.runType === RunType.SCHEDULED) deciding.changes.cursors.add(run.dag);
    goOn(deciding, moment, run.dag);
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
