// XComService.SetXCom: add or replace an XCom of a finished task instance.
import type { XComService } from '#gen/dagmesh/api/v1/xcom_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function setXCom(mesh: Mesh): ApiHandler<typeof XComService.method.setXCom> {
  return async (query, context) => {
    const actor = context.principal.userName;
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.setXCom({ query, actor }, call),
    );
    return present(answer.answer);
  };
}
