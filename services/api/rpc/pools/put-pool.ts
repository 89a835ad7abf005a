// PoolService.PutPool: add a pool, or replace it whole.
import type { PoolService } from '#gen/dagmesh/api/v1/pool_service_pb.ts';
import { type ApiHandler, type Mesh, repeated } from '../mesh.ts';

export function putPool(mesh: Mesh): ApiHandler<typeof PoolService.method.putPool> {
  return async ({ pool }, context) => {
    const actor = context.principal.userName;
    await repeated(mesh, context, (call) => mesh.catalog.putPool({ pool, actor }, call));
    return {};
  };
}
