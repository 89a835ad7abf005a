// Pausing a DAG: its gate is shut, and what no worker has yet goes back behind it; opening it again
// catches up.
import { type Dag, setGate } from '../dag.ts';
import type { Deciding } from '../deciding.ts';
import type { Moment } from '../picture.ts';
import { schedule } from '../transition.ts';
import { instancesOf } from '../instance.ts';
import { startRuns } from '../run/runs.ts';
import { reschedule } from '../schedule/schedule.ts';
import { TaskInstanceState } from '../state.ts';
import { advanceBackfills } from './backfills.ts';

/** Pauses or unpauses a DAG; does nothing when it is as wanted. */
export function pauseDag(
  deciding: Deciding,
  moment: Moment,
  dag: Dag,
  { isPaused, actor }: { readonly isPaused: boolean; readonly actor: string },
): void {
  if (dag.isPaused === isPaused) return;
  setGate(dag, isPaused);
  deciding.changes.pauses.add(dag);
  const action = isPaused ? 'pause_dag' : 'unpause_dag';
  deciding.changes.audits.add({ actor, action, dag, runId: '', details: {} });
  if (isPaused) return holdQueued(deciding, dag);
  startRuns(deciding, moment, dag);
  reschedule(deciding, moment, dag);
  advanceBackfills(deciding, moment, dag);
}

function holdQueued(deciding: Deciding, dag: Dag): void {
  for (const run of dag.runs.values()) {
    for (const instance of instancesOf(run)) {
      if (instance.state === TaskInstanceState.QUEUED) schedule(deciding, instance);
    }
  }
}
