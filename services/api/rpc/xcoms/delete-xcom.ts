// XComService.DeleteXCom: delete an XCom of a finished task instance.
import type { XComService } from '#gen/dagmesh/api/v1/xcom_service_pb.ts';
import { type ApiHandler, type Mesh, once, present } from '../mesh.ts';

export function deleteXCom(mesh: Mesh): ApiHandler<typeof XComService.method.deleteXCom> {
  return async (query, context) => {
    const actor = context.principal.userName;
    const answer = await once(context, (call) => mesh.query.removeXCom({ query, actor }, call));
    return present(answer.answer);
  };
}
