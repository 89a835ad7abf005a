// XComService.GetXCom: one XCom with its value.
import type { XComService } from '#gen/dagmesh/api/v1/xcom_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function getXCom(mesh: Mesh): ApiHandler<typeof XComService.method.getXCom> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) => mesh.query.getXCom({ query }, call));
    return present(answer.answer);
  };
}
