// The asset events that await a DAG: how they come in, and which of them are dropped.
import type { AssetDelivery } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Dag } from '../dag.ts';
import type { Deciding } from '../deciding.ts';
import type { Moment } from '../picture.ts';
import { createAssetRuns } from './asset-runs.ts';
import { awaitedBy, conditionOf } from './condition.ts';
import { takeEvents } from './take-events.ts';

/**
 * Takes in what the ledger has for DAGs, and makes the runs that it starts. What is known already,
 * or was taken while it was read, changes nothing.
 */
export function receiveDeliveries(
  deciding: Deciding,
  moment: Moment,
  deliveries: readonly AssetDelivery[],
): void {
  const touched = new Set<Dag>();
  for (const { dagId, event } of deliveries) {
    const dag = deciding.picture.dags.get(dagId);
    if (dag === undefined || event === undefined || dag.takenEvents.has(event.id)) continue;
    if (dag.deliveries.has(event.id)) continue;
    dag.deliveries.set(event.id, event);
    touched.add(dag);
  }
  for (const dag of touched) createAssetRuns(deciding, moment, dag);
}

/** Drops events of assets that the DAG's schedule does not name (any more). */
export function dropUnawaited(deciding: Deciding, dag: Dag): void {
  if (dag.deliveries.size === 0) return;
  const condition = conditionOf(dag.version);
  const isAwaited = condition === undefined ? () => false : awaitedBy(condition);
  takeEvents(
    deciding,
    dag,
    [...dag.deliveries.values()].filter((event) => !isAwaited(event)),
  );
}
