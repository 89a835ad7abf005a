// VariableService.CreateVariable: add a variable that is not there yet.
// Not repeated when its fate is unknown: the second answer would be another.
import type { VariableService } from '#gen/dagmesh/api/v1/variable_service_pb.ts';
import { type ApiHandler, type Mesh, once } from '../mesh.ts';

export function createVariable(
  mesh: Mesh,
): ApiHandler<typeof VariableService.method.createVariable> {
  return async ({ variable }, context) => {
    const actor = context.principal.userName;
    await once(context, (call) =>
      mesh.catalog.putVariable({ variable, createOnly: true, actor }, call),
    );
    return {};
  };
}
