// DagService.GetDag: one DAG with its spec, as it is now or as a version was.
import type { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import { maskedSpec } from '../../core/masked.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function getDag(mesh: Mesh): ApiHandler<typeof DagService.method.getDag> {
  return async ({ dagId, versionNumber }, context) => {
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.getDag({ dagId, versionNumber }, call),
    );
    const { spec, ...dag } = present(answer.dag);
    return { ...dag, ...(spec === undefined ? {} : { spec: maskedSpec(spec) }) };
  };
}
