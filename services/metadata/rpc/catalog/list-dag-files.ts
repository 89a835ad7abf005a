// CatalogService.ListDagFiles
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { listDagFiles as list } from '../../catalog/dag-files.ts';
import type { Rooms } from '../rooms.ts';

export function listDagFiles(rooms: Rooms): Handler<typeof CatalogService.method.listDagFiles> {
  return async () => ({ files: [...(await list(rooms.catalog))] });
}
