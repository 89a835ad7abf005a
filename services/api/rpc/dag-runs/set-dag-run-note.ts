// DagRunService.SetDagRunNote: write a note beside a run.
import type { DagRunService } from '#gen/dagmesh/api/v1/dag_run_service_pb.ts';
import { type ApiHandler, atOwner, type Mesh } from '../mesh.ts';

export function setDagRunNote(mesh: Mesh): ApiHandler<typeof DagRunService.method.setDagRunNote> {
  return async ({ $typeName: _typeName, ...place }, context) => {
    const actor = context.principal.userName;
    await atOwner(mesh, context, {
      dagId: place.dagId,
      call: (owner, call) => owner.setNote({ ...place, actor }, call),
    });
    return {};
  };
}
