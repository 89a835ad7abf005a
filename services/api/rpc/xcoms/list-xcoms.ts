// XComService.ListXComs: a page of the XComs of a run.
import type { XComService } from '#gen/dagmesh/api/v1/xcom_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function listXComs(mesh: Mesh): ApiHandler<typeof XComService.method.listXComs> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) => mesh.query.listXComs({ query }, call));
    return present(answer.page);
  };
}
