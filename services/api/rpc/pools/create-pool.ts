// PoolService.CreatePool: add a pool that is not there yet.
// Not repeated when its fate is unknown: the second answer would be another.
import type { PoolService } from '#gen/dagmesh/api/v1/pool_service_pb.ts';
import { type ApiHandler, type Mesh, once } from '../mesh.ts';

export function createPool(mesh: Mesh): ApiHandler<typeof PoolService.method.createPool> {
  return async ({ pool }, context) => {
    const actor = context.principal.userName;
    await once(context, (call) => mesh.catalog.putPool({ pool, createOnly: true, actor }, call));
    return {};
  };
}
