// PoolService.ListPools: a page of pools.
import type { PoolService } from '#gen/dagmesh/api/v1/pool_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function listPools(mesh: Mesh): ApiHandler<typeof PoolService.method.listPools> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) => mesh.query.listPools({ query }, call));
    return present(answer.page);
  };
}
