// Clearing: task instances of a run start over.
import { RunType } from '#gen/dagmesh/dag/v1/run_pb.ts';
import { CancelMode } from '#gen/dagmesh/worker/v1/attempt_pb.ts';
import { advance } from '../advance.ts';
import type { Deciding } from '../deciding.ts';
import { lookAt } from '../graph/relevant.ts';
import type { Moment } from '../picture.ts';
import type { Run } from '../run/run.ts';
import { moveTo } from '../transition.ts';
import { requestCancel } from '../attempt/attempts.ts';
import { planDeadlines } from '../alert/deadlines.ts';
import { watchSlas } from '../alert/sla.ts';
import { joinHeap } from '../heap.ts';
import type { Instance } from '../instance.ts';
import { fitToVersion } from '../run/other-version.ts';
import { noteOver } from '../run/run-end.ts';
import { startIfRoom } from '../run/runs.ts';
import { startOver } from './start-over.ts';
import { DagRunState, isRunFinished, TaskInstanceState } from '../state.ts';

/** Clears instances; a finished run is queued again. Running ones end first and start over then. */
export function clearInstances(
  deciding: Deciding,
  moment: Moment,
  run: Run,
  instances: readonly Instance[],
  how: { readonly keepsRunState?: boolean } = {},
): void {
  for (const instance of instances) clearOne(deciding, instance);
  run.clearNumber += 1;
  // What somebody set it to before no longer counts.
  if (!isRunFinished(run.state)) run.stateReason = '';
  deciding.changes.runs.add(run);
  if (isRunFinished(run.state) && how.keepsRunState) return noteOver(deciding, run);
  fitToVersion(deciding, run);
  if (isRunFinished(run.state)) reopen(deciding, moment, run);
  run.queuedAtMs = moment.nowMs;
  planDeadlines(deciding, run);
  if (run.state === DagRunState.QUEUED) startIfRoom(deciding, moment, run);
  // Not only they: what was marked with them may have decided something, too.
  else advance(deciding, run, run.nodes.map(lookAt));
}

/** A finished run is queued again, as it is. */
export function reopen({ picture }: Deciding, moment: Moment, run: Run): void {
  run.state = DagRunState.QUEUED;
  run.queuedAtMs = moment.nowMs;
  run.startMs = undefined;
  run.endMs = undefined;
  run.stateReason = '';
  // While it was over, nobody told it what became of the runs before it.
  run.past = undefined;
  run.pastSeen = undefined;
  run.dag.runs.set(run.runId, run);
  if (run.version.isWhole) run.dag.versions.set(run.version.dagVersionId, run.version);
  if (run.runType === RunType.SCHEDULED) run.dag.scheduledCount += 1;
  joinHeap(run.dag.queuedRuns, run);
  watchSlas(picture, run);
}

/** A running one has to end before it starts over. */
function clearOne(deciding: Deciding, instance: Instance): void {
  const { picture, changes } = deciding;
  const { attempt, task } = instance;
  changes.instances.add(instance);
  instance.triesMax = instance.tryNumber + task.retries;
  instance.lossesCount = 0;
  instance.rejectionsCount = 0;
  if (attempt !== undefined) {
    moveTo(picture, instance, TaskInstanceState.RESTARTING);
    requestCancel(changes, attempt, { mode: CancelMode.GRACEFUL, reason: 'cleared' });
  } else startOver(deciding, instance);
}
