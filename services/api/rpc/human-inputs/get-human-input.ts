// HumanInputService.GetHumanInput: the question of one task instance.
import type { HumanInputService } from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import { type ApiHandler, type Mesh, present, repeated } from '../mesh.ts';

export function getHumanInput(
  mesh: Mesh,
): ApiHandler<typeof HumanInputService.method.getHumanInput> {
  return async (query, context) => {
    const answer = await repeated(mesh, context, (call) =>
      mesh.query.getHumanInput({ query }, call),
    );
    return present(answer.answer);
  };
}
