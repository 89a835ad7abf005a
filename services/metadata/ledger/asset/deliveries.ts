// The queue of asset events: what awaits its consumers, and what is taken from it.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  AssetDeliverySchema,
  LoadDeliveriesRequest,
  LoadDeliveriesResponseSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type { TakenDelivery } from '../../core/commit-rows.ts';
import { orAbsent, plainArray, textArray } from '../database/array.ts';
import { type AssetEventRow, toAssetEvent } from './asset-events.ts';
import type { Database } from '../database/database.ts';
import { ledgerStatement as sql } from '../database/statement.ts';

/** A row of asset_delivery with its event. */
export type DeliveryRow = AssetEventRow & { readonly dag_id: string };

/**
 * Takes partitions, how many rows and how many bytes of extras at most, and the event and DAG of
 * the delivery they come after (undefined: any).
 */
export const LOAD_DELIVERIES = sql<DeliveryRow>('asset/load_deliveries');
const LOAD_PARTITIONS = sql<{ readonly partition: number }>('asset/load_delivery_partitions');

/** Most deliveries in one answer; whoever takes them asks again for the rest. */
const DELIVERIES_MAX = 10_000;
/** Most bytes of what events say, in one answer. */
const EXTRAS_BYTES_MAX = 32 * 1024 * 1024;

/** For take_deliveries. */
export function takenDeliveryColumns(taken: readonly TakenDelivery[]): string[] {
  return [
    textArray(taken.map((delivery) => delivery.dagId)),
    textArray(taken.map((delivery) => delivery.eventId)),
    textArray(taken.map((delivery) => orAbsent(delivery.dagRunId))),
  ];
}

/** What awaits consumers in partitions, oldest first: about 10,000 events and 32 MiB at most. */
export async function loadDeliveries(
  database: Database,
  { partitions, after }: Pick<LoadDeliveriesRequest, 'partitions' | 'after'>,
): Promise<MessageInitShape<typeof LoadDeliveriesResponseSchema>> {
  const limits = [DELIVERIES_MAX, EXTRAS_BYTES_MAX];
  const place = [after?.eventId, after?.dagId];
  const asked = [plainArray(partitions), ...limits, ...place];
  const rows = await database.browse(LOAD_DELIVERIES, asked);
  const bytes = rows.reduce((sum, { extra }) => sum + Buffer.byteLength(extra), 0);
  const isCut = rows.length >= DELIVERIES_MAX || bytes >= EXTRAS_BYTES_MAX;
  return { deliveries: rows.map(toDelivery), isCut };
}

/** The partitions in which something awaits its consumers. */
export async function partitionsWithDeliveries(database: Database): Promise<readonly number[]> {
  const rows = await database.browse(LOAD_PARTITIONS);
  return rows.map((row) => row.partition);
}

export function toDelivery(row: DeliveryRow): MessageInitShape<typeof AssetDeliverySchema> {
  return { dagId: row.dag_id, event: toAssetEvent(row) };
}
