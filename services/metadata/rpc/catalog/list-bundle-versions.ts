// CatalogService.ListBundleVersions
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { listBundleVersions as list } from '../../catalog/bundle-versions.ts';
import type { Rooms } from '../rooms.ts';

export function listBundleVersions(
  rooms: Rooms,
): Handler<typeof CatalogService.method.listBundleVersions> {
  return async () => ({ bundleVersions: [...(await list(rooms.catalog))] });
}
