// CatalogService.PutPool
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { putPool as put } from '../../ledger/pool/pool-limits.ts';
import { required, type Rooms } from '../rooms.ts';

export function putPool(rooms: Rooms): Handler<typeof CatalogService.method.putPool> {
  return async ({ pool, createOnly, actor }) => {
    await put(rooms.database, required(pool, 'pool'), { createOnly, actor });
    return {};
  };
}
