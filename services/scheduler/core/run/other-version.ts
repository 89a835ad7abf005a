// A run goes on with another version of its DAG: instances of tasks that are gone stay, REMOVED,
// those of tasks that are back start over, and literals may have another length.
import type { TaskInstance } from '#gen/dagmesh/dag/v1/run_pb.ts';
import type { Deciding } from '../deciding.ts';
import type { Picture } from '../picture.ts';
import type { Run } from './run.ts';
import type { DagVersion } from '../graph/dag-version.ts';
import { type Instance, instancesOf, newNode } from '../instance.ts';
import { expandTo, expansionOf, NO_ELEMENT } from '../mapping/expand.ts';
import { startOver } from '../operation/start-over.ts';
import { plantMissing } from './runs.ts';
import { loadInstance } from '../load/load-rows.ts';
import { TaskInstanceState } from '../state.ts';
import { settle } from '../transition.ts';

const LEFT_BEHIND = 'its task is no longer in the DAG';

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

/** The run gets what its version has, and goes on without the rest. */
export function fitToVersion(deciding: Deciding, run: Run): void {
  plantMissing(deciding, run);
  bringBack(deciding, run);
  fitLiterals(deciding, run);
  removeLeftBehind(deciding, run);
}

function bringBack(deciding: Deciding, run: Run): void {
  for (const instance of instancesOf(run)) {
    if (instance.stateReason === LEFT_BEHIND) startOver(deciding, instance);
  }
}

function fitLiterals(deciding: Deciding, run: Run): void {
  for (const node of run.nodes) {
    if (!node.isStale || node.task.sources.length > 0) continue;
    const expansion = expansionOf(deciding.picture, node);
    if (expansion.kind !== 'lengths') continue;
    for (const extra of node.instances.slice(expansion.count)) {
      if (extra.state === TaskInstanceState.REMOVED) continue;
      settle(deciding, extra, TaskInstanceState.REMOVED, NO_ELEMENT);
    }
    if (expansion.count <= node.instances.length + node.missingCount) continue;
    node.isStale = false;
    expandTo(deciding, node, expansion);
  }
}

function removeLeftBehind(deciding: Deciding, run: Run): void {
  for (const instance of run.leftBehind) {
    instance.state = TaskInstanceState.REMOVED;
    instance.stateReason = LEFT_BEHIND;
    deciding.changes.instances.add(instance);
  }
  run.leftBehind = [];
}
