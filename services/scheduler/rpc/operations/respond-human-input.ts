// RespondHumanInput: somebody answers a question that a task waits with.
import type { HumanInputResponse, HumanInputSpec } from '#gen/dagmesh/dag/v1/waiting_pb.ts';
import type { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { taskNotFound } from '#kernel/errors/not-found.ts';
import type { Handler } from '#kernel/rpc/service.ts';
import { answer, mayAnswer, refuseAnswer } from '../../core/wait/human-input.ts';
import { type Instance, instanceOf, nameOf } from '../../core/instance.ts';
import { nameOfState, TaskInstanceState } from '../../core/state.ts';
import { filledForm } from '../../params/check-form.ts';
import type { RpcContext } from '../context.ts';
import { findRun, requireOwned } from '../find.ts';

type Respond = Handler<(typeof SchedulerService)['method']['respondHumanInput']>;

export function respondHumanInput(context: RpcContext): Respond {
  return async ({ dagId, runId, taskId, mapIndex, response, actor }) => {
    const find = await findRun(context, { dagId, runId });
    const given = { chosenOptions: [], paramsJson: '', ...response };
    const dag = await context.engine.decide((deciding, moment) => {
      const run = find(deciding.picture, moment);
      const instance = instanceOf(run, taskId, mapIndex);
      if (instance === undefined) {
        throw taskNotFound({ dagId, runId, what: `task "${taskId}"` });
      }
      const paramsJson = filledForm(requireAnswerable(instance, given, actor), given.paramsJson);
      answer(deciding, instance, { ...given, paramsJson, respondedBy: actor });
      return run.dag;
    });
    requireOwned(dag);
    return {};
  };
}

function requireAnswerable(
  instance: Instance,
  { chosenOptions }: Pick<HumanInputResponse, 'chosenOptions'>,
  actor: string,
): HumanInputSpec {
  const spec = instance.wait?.humanInput;
  if (instance.state !== TaskInstanceState.AWAITING_INPUT || spec === undefined) {
    const words = `"${nameOf(instance)}" does not wait for an answer (it is ${nameOfState(instance.state)})`;
    const list = `dagmesh inputs list ${instance.run.dag.dagId}`;
    throw fail('not_awaiting_input', `${words}; see what does: ${list}`);
  }
  if (!mayAnswer(spec, actor)) {
    const words = `"${actor}" may not answer "${nameOf(instance)}"`;
    throw fail('not_assigned', `${words}; these may: ${spec.assignedUsers.join(', ')}`);
  }
  const refusal = refuseAnswer(spec, { chosenOptions });
  if (refusal !== undefined) throw fail('bad_answer', refusal);
  return spec;
}
