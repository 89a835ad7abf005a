// Tasks that are not in the version a run moves to: their instances stay, REMOVED.
import type { TaskInstance } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Deciding } from '../deciding.ts';
import type { Picture } from '../picture.ts';
import type { Run } from './run.ts';
import type { DagVersion } from '../graph/dag-version.ts';
import { type Instance, newNode } from '../instance.ts';
import { loadInstance } from '../load/load-rows.ts';
import { TaskInstanceState } from '../state.ts';

/** The instances of a finished run whose tasks only its earlier version `own` has. */
export function findLeftBehind(
  picture: Picture,
  run: Run,
  own: DagVersion,
  rows: readonly TaskInstance[],
): readonly Instance[] {
  return rows.flatMap((row) => {
    const task = own.tasks[own.taskIndexes.get(row.taskId) ?? -1];
    if (task === undefined || run.version.taskIndexes.has(row.taskId)) return [];
    if (row.state === TaskInstanceState.REMOVED) return [];
    // Its node is none of the run's: nothing waits for it, and nothing counts it.
    return [loadInstance(picture, newNode(run, task), row)];
  });
}

/** The run goes on without them. */
export function removeLeftBehind(deciding: Deciding, run: Run): void {
  for (const instance of run.leftBehind) {
    instance.state = TaskInstanceState.REMOVED;
    instance.stateReason = 'its task is no longer in the DAG';
    deciding.changes.instances.add(instance);
  }
  run.leftBehind = [];
}
