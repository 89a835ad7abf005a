// DagService.ParseDagFile: parse a DAG file now, before all others.
import type { DagService } from '#gen/dagmesh/api/v1/dag_service_pb.ts';
import {
  type ApiContext,
  type ApiHandler,
  type Mesh,
  patiently,
  present,
  repeated,
} from '../mesh.ts';

export function parseDagFile(mesh: Mesh): ApiHandler<typeof DagService.method.parseDagFile> {
  return async ({ dagId, dagFile }, context) => {
    const path = dagFile || (await fileOf(mesh, context, dagId));
    const { files } = await patiently(mesh, context, (call) =>
      mesh.dagProcessor.parseFiles({ paths: [path] }, call),
    );
    const { dagIds, error, duration } = present(files[0]);
    return { dagFile: path, dagIds, error, duration };
  };
}

async function fileOf(mesh: Mesh, context: ApiContext, dagId: string): Promise<string> {
  const answer = await repeated(mesh, context, (call) => mesh.query.getDag({ dagId }, call));
  return present(answer.dag?.dag).dagFile;
}
