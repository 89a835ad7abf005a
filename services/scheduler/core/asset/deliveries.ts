// The asset events that await a DAG: how they come in, and which of them are dropped.
import type { AssetEvent } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import type { AssetDelivery } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Deciding } from '../advance.ts';
import type { Dag, Moment } from '../picture.ts';
import { createAssetRuns } from './asset-runs.ts';
import { awaits, conditionOf } from './condition.ts';
import { takeEvents } from './take-events.ts';

/** Events that may await one DAG whose condition is not true. */
const AWAITING_MAX = 2_000;

/**
 * Takes in what the ledger has for DAGs, and makes the runs that it starts. What is known already,
 * or was taken while it was read, changes nothing. Answers how many were new.
 */
export function receiveDeliveries(
  deciding: Deciding,
  moment: Moment,
  deliveries: readonly AssetDelivery[],
): number {
  const touched = new Set<Dag>();
  let newCount = 0;
  for (const { dagId, event } of deliveries) {
    const dag = deciding.picture.dags.get(dagId);
    if (dag === undefined || event === undefined || dag.takenEvents.has(event.id)) continue;
    if (dag.deliveries.has(event.id)) continue;
    dag.deliveries.set(event.id, event);
    touched.add(dag);
    newCount += 1;
  }
  for (const dag of touched) {
    createAssetRuns(deciding, moment, dag);
    dropExcess(deciding, dag);
  }
  return newCount;
}

/** Drops events of assets that the DAG's schedule does not name (any more). */
export function dropUnawaited(deciding: Deciding, dag: Dag): void {
  if (dag.deliveries.size === 0) return;
  const condition = conditionOf(dag.version);
  const events = [...dag.deliveries.values()];
  const isUnawaited = (event: AssetEvent) => condition === undefined || !awaits(condition, event);
  takeEvents(deciding, dag, events.filter(isUnawaited));
}

/**
 * A DAG that waits for one asset while another is updated all the time keeps the latest of its
 * events; the oldest of the asset with most of them go first.
 */
function dropExcess(deciding: Deciding, dag: Dag): void {
  const excess = dag.deliveries.size - AWAITING_MAX;
  if (excess <= 0) return;
  const byAsset = Map.groupBy(dag.deliveries.values(), ({ assetName }) => assetName);
  const dropped: AssetEvent[] = [];
  while (dropped.length < excess) {
    const [most = []] = [...byAsset.values()].toSorted((a, b) => b.length - a.length);
    dropped.push(...most.splice(0, Math.min(excess - dropped.length, Math.ceil(most.length / 2))));
  }
  takeEvents(deciding, dag, dropped);
}
