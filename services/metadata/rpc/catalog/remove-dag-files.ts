// CatalogService.RemoveDagFiles
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { removeDagFiles as remove } from '../../catalog/dag-files.ts';
import type { Rooms } from '../rooms.ts';

export function removeDagFiles(rooms: Rooms): Handler<typeof CatalogService.method.removeDagFiles> {
  return async (request) => {
    const inactiveDagIds = await remove(rooms.catalog, request);
    return inactiveDagIds === 'outdated'
      ? { isOutdated: true }
      : { inactiveDagIds: [...inactiveDagIds] };
  };
}
