// VariableService.ListVariables: a page of variables, secret values masked.
import type { VariableService } from '#gen/dagmesh/api/v1/variable_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function listVariables(mesh: Mesh): ApiHandler<typeof VariableService.method.listVariables> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.listVariables({ query }, call),
    );
    return present(answer.page);
  };
}
