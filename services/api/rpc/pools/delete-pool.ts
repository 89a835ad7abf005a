// PoolService.DeletePool: delete a pool.
// Not repeated when its fate is unknown: the second answer would be another.
import type { PoolService } from '#gen/dagmesh/api/v1/pool_service_pb.ts';
import { type ApiHandler, type Mesh, once } from '../mesh.ts';

export function deletePool(mesh: Mesh): ApiHandler<typeof PoolService.method.deletePool> {
  return async ({ name }, context) => {
    const actor = context.principal.userName;
    await once(context, (call) => mesh.catalog.deletePool({ name, actor }, call));
    return {};
  };
}
