// QueryService.ListPools
import type { QueryService } from '#gen/dagmesh/metadata/v1/query_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { readPage } from '../../query/lists.ts';
import { queryStatement } from '../../query/statement.ts';
import { required, type Rooms } from '../rooms.ts';

type PoolRow = {
  readonly name: string;
  readonly slots: number;
  readonly used: number;
  readonly description: string;
  readonly include_deferred: boolean;
};

const LIST_POOLS = queryStatement<PoolRow>('list_pools');

export function listPools(rooms: Rooms): Handler<typeof QueryService.method.listPools> {
  return async (request) => {
    const { rows, nextPageToken } = await readPage(
      rooms.database,
      { statement: LIST_POOLS, list: 'pools', filter: [], positionOf: (row) => row.name },
      required(request.query, 'query'),
    );
    const pools = rows.map((row) => ({
      name: row.name,
      slots: row.slots,
      usedSlots: row.used,
      description: row.description,
      includeDeferred: row.include_deferred,
    }));
    return { page: { pools, nextPageToken } };
  };
}
