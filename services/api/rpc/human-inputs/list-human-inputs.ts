// HumanInputService.ListHumanInputs: a page of the questions to people.
import type { HumanInputService } from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function listHumanInputs(
  mesh: Mesh,
): ApiHandler<typeof HumanInputService.method.listHumanInputs> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.listHumanInputs({ query }, call),
    );
    return present(answer.page);
  };
}
