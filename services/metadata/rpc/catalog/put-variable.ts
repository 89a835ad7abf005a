// CatalogService.PutVariable
import type { CatalogService } from '#gen/dagmesh/metadata/v1/catalog_service_pb.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { putVariable as put } from '../../catalog/variables.ts';
import { required, type Rooms } from '../rooms.ts';

export function putVariable(rooms: Rooms): Handler<typeof CatalogService.method.putVariable> {
  const { catalog, sealer, clock } = rooms;
  return async ({ variable, createOnly, actor }, { caller }) => {
    // A task knows a variable's key and value only: what it writes must not lay a secret open.
    const valueOnly = caller === 'executor';
    const options = { createOnly, actor, nowMs: clock.nowMs(), valueOnly };
    await put(catalog, sealer, required(variable, 'variable'), options);
    return {};
  };
}
