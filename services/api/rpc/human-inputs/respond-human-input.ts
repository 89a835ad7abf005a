// HumanInputService.RespondHumanInput: answer a question.
import type { HumanInputService } from '#gen/dagmesh/api/v1/human_input_service_pb.ts';
import { type ApiHandler, atOwner, type Mesh } from '../mesh.ts';

export function respondHumanInput(
  mesh: Mesh,
): ApiHandler<typeof HumanInputService.method.respondHumanInput> {
  return async ({ $typeName: _typeName, chosenOptions, paramsJson, ...place }, context) => {
    const actor = context.principal.userName;
    const response = { chosenOptions, paramsJson };
    await atOwner(mesh, context, {
      dagId: place.dagId,
      call: (owner, call) => owner.respondHumanInput({ ...place, response, actor }, call),
    });
    return {};
  };
}
