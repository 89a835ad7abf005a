// ImportErrorService.ListImportErrors: a page of DAG files that could not be parsed.
import type { ImportErrorService } from '#gen/dagmesh/api/v1/import_error_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function listImportErrors(
  mesh: Mesh,
): ApiHandler<typeof ImportErrorService.method.listImportErrors> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.listImportErrors({ query }, call),
    );
    return present(answer.page);
  };
}
