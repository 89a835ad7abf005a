// CatalogService.DeletePool
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { deletePool as deleteOne } from '../../ledger/pool/pool-limits.ts';
import type { Rooms } from '../rooms.ts';

export function deletePool(rooms: Rooms): Handler<typeof CatalogService.method.deletePool> {
  return async ({ name, actor }) => {
    await deleteOne(rooms.database, name, actor);
    return {};
  };
}
