// VariableService.DeleteVariable: delete a variable.
// Not repeated when its fate is unknown: the second answer would be another.
import type { VariableService } from '#gen/dagmesh/api/v1/variable_service_pb.ts';
import { type ApiHandler, type Mesh, once } from '../mesh.ts';

export function deleteVariable(
  mesh: Mesh,
): ApiHandler<typeof VariableService.method.deleteVariable> {
  return async ({ key }, context) => {
    const actor = context.principal.userName;
    await once(context, (call) => mesh.catalog.deleteVariable({ key, actor }, call));
    return {};
  };
}
