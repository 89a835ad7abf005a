// CatalogService.DeleteVariable
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { deleteVariable as deleteOne } from '../../catalog/variables.ts';
import type { Rooms } from '../rooms.ts';

export function deleteVariable(rooms: Rooms): Handler<typeof CatalogService.method.deleteVariable> {
  return async ({ key, actor }) => {
    await deleteOne(rooms.catalog, key, actor);
    return {};
  };
}
