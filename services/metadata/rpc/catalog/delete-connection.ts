// CatalogService.DeleteConnection
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { deleteConnection as deleteOne } from '../../catalog/connections.ts';
import type { Rooms } from '../rooms.ts';

export function deleteConnection(
  rooms: Rooms,
): Handler<typeof CatalogService.method.deleteConnection> {
  return async ({ connId, actor }) => {
    await deleteOne(rooms.catalog, connId, actor);
    return {};
  };
}
