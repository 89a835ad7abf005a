// CatalogService.PutConnection
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { putConnection as put } from '../../catalog/connections.ts';
import { required, type Rooms } from '../rooms.ts';

export function putConnection(rooms: Rooms): Handler<typeof CatalogService.method.putConnection> {
  const { catalog, sealer, clock } = rooms;
  return async ({ connection, createOnly, actor }) => {
    const options = { createOnly, actor, nowMs: clock.nowMs() };
    await put(catalog, sealer, required(connection, 'connection'), options);
    return {};
  };
}
