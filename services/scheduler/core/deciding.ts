// What a decision works with, and how a DAG goes on when one of its runs has ended.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Deciding } from './advance.ts';
import { advanceBackfills, noteBackfillRun } from './backfills.ts';
import type { ChangeSet } from './change-set.ts';
import type { Dag, Moment, Picture, Run } from './picture.ts';
import { forgetVersion, startRuns } from './runs.ts';
import { createDueRuns } from './schedule.ts';

/** Ready to decide: changes go into the picture and are noted in the change set. */
export function createDeciding(picture: Picture, changes: ChangeSet, moment: Moment): Deciding {
  const roomy = new Set<Dag>();
  const deciding: Deciding = {
    picture,
    changes,
    nowMs: moment.nowMs,
    newId: moment.newId,
    onInstanceEnd: () => undefined,
    pastMoved: new Map(),
    onRunEnd: (run) => {
      noteBackfillRun(deciding, run);
      if (run.runType === RunType.SCHEDULED) run.dag.scheduledCount -= 1;
      forgetVersion(run.dag, run.version);
      roomy.add(run.dag);
    },
    // One after the other and not from within `onRunEnd`: runs that end as soon as they start would
    // nest as deep as there are runs.
    followEnded: () => {
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
    if (run.runType === RunType.SCHEDULED) deciding.changes.cursors.add(run.dag);
    goOn(deciding, moment, run.dag);
  }
}

/** A DAG has room for its next runs. */
function goOn(deciding: Deciding, moment: Moment, dag: Dag): void {
  if (!dag.isOwned) return;
  startRuns(deciding, moment, dag);
  createDueRuns(deciding, moment, dag);
  advanceBackfills(deciding, moment, dag);
}
