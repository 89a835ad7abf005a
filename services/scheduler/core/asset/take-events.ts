// How a DAG takes asset events, each once: with the commit of the run that they start.
import { create } from '@bufbuild/protobuf';
import type { AssetEvent } from '#gen/dagmesh/dag/v1/asset_pb.ts';
import { ConsumedDeliveriesSchema } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { Dag } from '../dag.ts';
import type { Deciding } from '../deciding.ts';
import type { Picture } from '../picture.ts';
import type { Run } from '../run/run.ts';
import type { ChangeSet } from '../change-set.ts';

/** Dropped events of which Explain tells. */
const DROPPED_TOLD_MAX = 5;

/** Takes events off those that await the DAG: for a run or, without one, to drop them. */
export function takeEvents(
  { changes }: Deciding,
  dag: Dag,
  events: readonly AssetEvent[],
  run?: Run,
): void {
  if (events.length === 0) return;
  for (const { id } of events) {
    dag.deliveries.delete(id);
    dag.takenEvents.add(id);
  }
  const taken = create(ConsumedDeliveriesSchema, {
    dagId: dag.dagId,
    dagRunId: run?.id ?? '',
    eventIds: events.map(({ id }) => id),
  });
  changes.consumed.set(taken, dag);
}

/**
 * Drops events that were meant for runs of the DAG; people are told why. The first, the tenth, the
 * hundredth and so on are audited as well, so that a takeover leaves a trace of them, and a flood
 * few rows.
 */
export function dropEvents(
  deciding: Deciding,
  dag: Dag,
  events: readonly AssetEvent[],
  why: (event: AssetEvent) => string,
): void {
  takeEvents(deciding, dag, events);
  for (const event of events) {
    const dropped = { dag, event, why: why(event) };
    deciding.changes.dropped.add(dropped);
    dag.dropped.latest.push(dropped);
  }
  const before = dag.dropped.count;
  dag.dropped.count += events.length;
  if (digitsOf(dag.dropped.count) > digitsOf(before)) auditDropped(deciding, dag);
  dag.dropped.latest.splice(0, dag.dropped.latest.length - DROPPED_TOLD_MAX);
}

function auditDropped({ changes }: Deciding, dag: Dag): void {
  const { count, latest } = dag.dropped;
  const { event, why = '' } = latest.at(-1) ?? {};
  const details = { asset: event?.assetName ?? '', count: String(count), reason: why };
  changes.audits.add({
    ...{ actor: 'scheduler', action: 'drop_asset_events', dag, runId: '', details },
  });
}

/** 0 of 0. */
function digitsOf(count: number): number {
  return count === 0 ? 0 : String(count).length;
}

/** The ledger refused a run: the events that were to start it await the DAG still. */
export function giveBackEvents({ dag, events }: Run): void {
  for (const event of events) {
    dag.takenEvents.delete(event.id);
    dag.deliveries.set(event.id, event);
  }
}

/** Forgets what a commit has taken out of the ledger: no reading that begins now brings it. */
export function forgetTaken(picture: Picture, { consumed, runs }: ChangeSet): void {
  if (consumed.size === 0) return;
  const refused = new Set([...runs].filter((run) => run.isRefused).map(({ id }) => id));
  for (const { dagId, dagRunId, eventIds } of consumed.keys()) {
    const taken = refused.has(dagRunId) ? undefined : picture.dags.get(dagId)?.takenEvents;
    if (taken !== undefined) for (const id of eventIds) taken.delete(id);
  }
}
