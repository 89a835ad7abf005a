// Partitions that are not ours any more: their DAGs leave the picture, and every line.
import { partitionOf } from '#kernel/partition/partition.ts';
import { takeOffAgenda } from '../agenda.ts';
import type { Dag } from '../dag.ts';
import { instancesOf } from '../instance.ts';
import { dropLanes } from '../limit/admission.ts';
import { leaveLine } from '../limit/fair-line.ts';
import type { Picture } from '../picture.ts';

/** Takes the DAGs of lost partitions out of the picture. */
export function dropPartitions(picture: Picture, isLost: (partition: number) => boolean): void {
  for (const dag of picture.dags.values()) {
    if (isLost(dag.partition)) dropDag(picture, dag);
  }
  // What was remembered may never have been committed: from now on only the ledger knows.
  picture.endedAttempts.forget(() => true);
  picture.receipts.forget(({ dagId }) => isLost(partitionOf(dagId)));
}

/**
 * Takes a DAG out, and its instances out of every line; who still holds it sees it is not owned.
 */
export function dropDag(picture: Picture, dag: Dag): void {
  dag.isOwned = false;
  picture.dags.delete(dag.dagId);
  for (const watch of dag.slaRuns.values()) takeOffAgenda(picture.agenda, watch);
  for (const run of dag.runs.values()) {
    dropLanes(run);
    for (const instance of instancesOf(run)) {
      const { attempt, lane } = instance;
      if (attempt !== undefined) picture.attempts.delete(attempt.attemptId);
      lane.pool.oversized.delete(instance);
      picture.heldBack.delete(instance);
      picture.waits.delete(instance.wait?.waitId ?? '');
      takeOffAgenda(picture.agenda, instance);
      leaveLine(instance);
    }
  }
}
