// VariableService.PutVariable: add a variable, or replace it whole.
import type { VariableService } from '#gen/dagmesh/api/v1/variable_service_pb.ts';
import { type ApiHandler, type Mesh, repeated } from '../mesh.ts';

export function putVariable(mesh: Mesh): ApiHandler<typeof VariableService.method.putVariable> {
  return async ({ variable }, context) => {
    const actor = context.principal.userName;
    await repeated(mesh, context, (call) => mesh.catalog.putVariable({ variable, actor }, call));
    return {};
  };
}
