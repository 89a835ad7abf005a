// The partition map: who is alive, where, and who owns what.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { WatchPartitionsResponseSchema } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import type { Database } from '../ledger/database/database.ts';
import { statementsOf } from '../ledger/database/statement.ts';

/** The map, as watchers get it. */
export type PartitionMap = MessageInitShape<typeof WatchPartitionsResponseSchema>;

type MapRow = {
  readonly kind: 'scheduler' | 'executor';
  readonly id: string;
  readonly address: string;
  readonly partitions: readonly number[];
  readonly epochs: readonly string[];
};

const READ_MAP = statementsOf('mesh', import.meta.url)<MapRow>('read_map');

/**
 * Reads the map. Executors whose announcement ran out stay in it until the next renewal of anybody
 * drops them.
 */
export async function readMap(database: Database): Promise<PartitionMap> {
  const rows = await database.run(READ_MAP);
  return {
    schedulers: rows
      .filter((row) => row.kind === 'scheduler')
      .map((row) => ({
        schedulerId: row.id,
        address: row.address,
        partitions: row.partitions.map((partition, index) => ({
          partition,
          epoch: BigInt(row.epochs[index] ?? 0),
        })),
      })),
    executors: rows
      .filter((row) => row.kind === 'executor')
      .map((row) => ({ executorId: row.id, address: row.address })),
  };
}
