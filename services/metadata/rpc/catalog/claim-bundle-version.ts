// CatalogService.ClaimBundleVersion
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { claimBundleVersion as claim } from '../../catalog/bundle-claims.ts';
import type { Rooms } from '../rooms.ts';

export function claimBundleVersion(
  rooms: Rooms,
): Handler<typeof CatalogService.method.claimBundleVersion> {
  return (request) => claim(rooms.catalog, request);
}
